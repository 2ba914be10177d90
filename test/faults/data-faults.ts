/** What goes wrong with what is said, and with the processes themselves. */
import {
  consume,
  contracts,
  dedupe,
  type Fault,
  fuzzed,
  jetstream,
  kills,
  notifier,
  outages,
  runtime,
  simulated,
  watcher,
} from './fault.ts'

export const dataFaults: readonly Fault[] = [
  {
    number: 46,
    fault: 'Texts of the cluster hold marks, links and pings of Slack',
    promise: 'they ping nobody and lead nowhere',
    shownBy: [
      [`${notifier}/notification/escape.test.ts`, 'pings nobody'],
      [`${notifier}/notification/render.test.ts`, 'is well-formed, fits'],
      fuzzed,
    ],
  },
  {
    number: 47,
    fault: 'Huge objects and messages',
    promise: 'a few KiB of each are kept and sent',
    shownBy: [
      [`${watcher}/deployment/observe.test.ts`, 'a Deployment of 1.5 MB'],
      [`${jetstream}/publish.integration.test.ts`, 'throws what is too large'],
    ],
  },
  {
    number: 48,
    fault: 'An annotation names a channel that is not its author’s',
    promise: 'never to a person, and only where it is allowed',
    shownBy: [[`${notifier}/notification/route.test.ts`, 'never to a person']],
  },
  {
    number: 49,
    fault: 'A link annotation leads elsewhere',
    promise: 'https and host names alone; nothing is ever fetched',
    shownBy: [
      [`${notifier}/notification/links.test.ts`, 'is never made of'],
      [`${notifier}/notification/links.test.ts`, 'keeps within the allowed hosts'],
    ],
  },
  {
    number: 50,
    fault: 'Texts that break a log',
    promise: 'one line of JSON, cut to a length',
    shownBy: [
      [`${runtime}/logger.test.ts`, 'a line is JSON'],
      [`${runtime}/logger.test.ts`, 'message and fields are cut'],
    ],
  },
  {
    number: 51,
    fault: 'JSON with `__proto__` and keys that stand twice',
    promise: 'pollutes nothing',
    shownBy: [
      [`${dedupe}/cache/cache-file.test.ts`, 'pollutes no prototype'],
      [`${contracts}/parsers.test.ts`, 'no input makes it throw'],
      fuzzed,
    ],
  },
  {
    number: 52,
    fault: 'A text that a pattern takes for ever to read',
    promise: 'no input takes more than 50 ms of the processor',
    shownBy: [[`${runtime}/scrubber.test.ts`, 'scrubbed in no time'], fuzzed],
  },
  {
    number: 53,
    fault: 'Ten thousand Deployments come and go in the metrics',
    promise: 'labels from closed sets alone',
    shownBy: [[`${runtime}/metric-labels.test.ts`, 'past its bound an open label is other']],
  },
  {
    number: 54,
    fault: 'SIGTERM with work under way, again, and while starting',
    promise: 'ends within 10 s; nothing lost, nothing doubled',
    shownBy: [
      [`${runtime}/run-service.integration.test.ts`, 'asked to stop while it starts'],
      [consume, 'a handler that runs at disposal may finish'],
      kills,
      [outages, 'all services get SIGTERM'],
      simulated,
    ],
  },
  {
    number: 55,
    fault: 'Killed for its memory; too much at once',
    promise: 'queues are bounded; a start goes on where it was',
    shownBy: [kills, [`${watcher}/deployment/publish-line.test.ts`, 'beyond sixteen']],
    notShown:
      'a process at its memory limit: cgroups are not the tests’ to make. To the others it is a kill -9',
  },
  {
    number: 56,
    fault: 'A secret gets into a log, Sentry, a metric, an argument',
    promise: 'never, whatever breaks',
    shownBy: [
      [`${runtime}/run-service.integration.test.ts`, 'shows no secret in log'],
      [`${runtime}/sentry.test.ts`, 'no secret arrives'],
      [`${notifier}/slack-client.integration.test.ts`, 'shows it nowhere but in the header'],
      kills,
      [outages, 'no secret was said'],
      simulated,
    ],
  },
  {
    number: 57,
    fault: 'DNS, TLS and proxies',
    promise: 'tried on; never in clear where TLS is asked for; NO_PROXY is kept',
    shownBy: [
      [`${jetstream}/rights.integration.test.ts`, 'where TLS is insisted on'],
      [`${notifier}/slack-client.integration.test.ts`, 'goes through the proxy'],
    ],
    notShown: 'a certificate that expires under a running process: a new connection reads the files anew',
  },
  {
    number: 58,
    fault: 'A handler has a bug and throws',
    promise: 'that message is a dead letter; the process lives',
    shownBy: [
      [consume, 'a message that always throws'],
      [`${jetstream}/settlement.test.ts`, 'retried five times'],
    ],
  },
]
