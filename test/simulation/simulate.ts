/** Plays a plan in a world of its own and says what was wrong with what people read. */
import { createHash } from 'node:crypto'
import { readAttempts } from '../oracle/api-history.ts'
import { type Finding, judge } from '../oracle/judge.ts'
import { readSlackLog } from '../oracle/slack-log.ts'
import { judgeCache } from './judge-cache.ts'
import { slackToken } from './model-slack.ts'
import { canary, People } from './people.ts'
import { busyMs, calmMs, type Deed, type Plan, standing, targets } from './plan.ts'
import { after, asProcess, now, passTime } from './virtual-time.ts'
import { artifactoryLogin, serviceNames, World } from './world.ts'

export interface Played {
  readonly findings: readonly string[]
  /** Of everything that happened: the same for the same plan. */
  readonly fingerprint: string
  readonly log: readonly string[]
  readonly virtualMs: number
}

const beginning = Date.UTC(2026, 0, 1)
/** After the last fault everything is told within this. */
const quietWithinMs = 150_000
const lookEveryMs = 10_000
/** What is right stays right. */
const stillForMs = 20_000
/** A dead watch is noticed after its own time and told again; a stopped service needs its lease. */
const recoveryMs = 45_000

export async function simulate(plan: Plan): Promise<Played> {
  const world = new World(plan.seed, ['shop', 'bank'], plan.hasCache)
  world.slack.historyLagMs = plan.historyLagMs
  const people = new People(world)
  people.settle(['shop', 'bank'], standing)
  await passTime(4_000)
  for (const name of serviceNames) world.start(name)
  const blind: { fromMs: number; toMs: number }[] = []
  let lastFaultMs = calmMs + busyMs
  for (const step of plan.steps) {
    const { atMs } = step
    let goBack = (): void => undefined
    if (step.kind === 'nats-set-back')
      after(atMs - step.lostMs - now(), () => {
        goBack = world.nats.written()
      })
    after(atMs - now(), () => {
      people.act(step)
      strike(world, step, goBack)
    })
    const forMs = 'forMs' in step ? step.forMs : 0
    lastFaultMs = Math.max(lastFaultMs, atMs + forMs)
    // Nobody knows beforehand when the request comes that it dies of.
    const untilMs = step.kind === 'crash' ? calmMs + busyMs + 15_000 : atMs
    if (step.kind === 'crash') lastFaultMs = Math.max(lastFaultMs, untilMs)
    if (isBlinding(step)) blind.push({ fromMs: atMs - 1_000, toMs: untilMs + forMs + recoveryMs })
  }
  await passTime(lastFaultMs + 1_000)
  people.resumeAll(targets)
  let rightSinceMs: number | undefined
  let findings: readonly Finding[] = []
  const until = now() + quietWithinMs
  while (now() < until) {
    await passTime(now() + lookEveryMs)
    findings = look(world, plan, blind)
    if (findings.some(({ kind }) => kind !== 'lost')) break
    rightSinceMs = findings.length === 0 ? (rightSinceMs ?? now()) : undefined
    if (rightSinceMs !== undefined && now() - rightSinceMs >= stillForMs) break
  }
  const fingerprint = createHash('sha256')
    .update(world.log.join('\n'))
    .update(JSON.stringify(world.slack.workspace.dump()))
    .digest('hex')
  const virtualMs = now()
  for (const name of serviceNames) for (const replica of ['', '-second']) world.kill(name, replica)
  asProcess(undefined, () => world.api.cluster[Symbol.dispose]())
  const found = [
    ...findings.map(({ kind, what }) => `${kind}: ${what}`),
    ...world.mishaps,
    ...sightings(world, plan),
  ]
  return { findings: found, fingerprint, log: world.log, virtualMs }
}

/** Whole specs go through these, and only where there is a cache. */
const ofSpecs: readonly string[] = ['OBSERVATIONS', 'KV_specs']

/** Where a secret was seen. */
function sightings({ log, slack, nats }: World, { hasCache }: Plan): readonly string[] {
  const written = `${log.join('\n')}${JSON.stringify(slack.workspace.dump())}`
  return [canary, slackToken, artifactoryLogin].flatMap((secret) => [
    ...(written.includes(secret) ? [`secret: ${secret} stands in a log or a message`] : []),
    ...nats
      .holding(secret)
      .filter((stream) => !(hasCache && secret === canary && ofSpecs.includes(stream)))
      .map((stream) => `secret: ${secret} stands in ${stream}`),
  ])
}

function look(
  world: World,
  { hasCache, steps }: Plan,
  blind: readonly { fromMs: number; toMs: number }[],
): readonly Finding[] {
  const { workspace } = world.slack
  const messages = workspace.channels.flatMap(({ id }) => workspace.messages(id))
  const log = readSlackLog(messages, beginning)
  const attempts = readAttempts(world.events, now())
  return [
    ...judge({ attempts, log, sinceMs: calmMs, blind, erasedMs: erasuresOf(steps) }),
    ...(hasCache ? judgeCache(attempts, log.cards, world.artifactory.files) : []),
  ]
}

/** When NATS lost something: all that it had, or what it had last, of which each moment is one. */
function erasuresOf(steps: Plan['steps']): readonly number[] {
  return steps.flatMap((step) => {
    if (step.kind === 'nats-erase') return [step.atMs]
    if (step.kind !== 'nats-set-back') return []
    return Array.from({ length: step.lostMs / 100 }, (_, index) => step.atMs - index * 100)
  })
}

function isBlinding({ kind, ...deed }: Deed): boolean {
  if (kind === 'kill' || kind === 'terminate' || kind === 'crash')
    return 'service' in deed && deed.service !== 'notifier'
  return kind.startsWith('nats-') || kind.startsWith('api-')
}

function strike(world: World, deed: Deed, goBack: () => void): void {
  const { nats, api, slack } = world
  const later = (undo: () => void): void => after('forMs' in deed ? deed.forMs : 0, undo)
  switch (deed.kind) {
    case 'kill':
      world.kill(deed.service)
      return later(() => world.start(deed.service))
    case 'crash':
      return world.crashAt(deed.service, deed.request, deed.how, () => later(() => world.start(deed.service)))
    case 'terminate':
      return world.terminate(deed.service, () => later(() => world.start(deed.service)))
    case 'second':
      world.start(deed.service, '-second')
      return later(() => world.kill(deed.service, '-second'))
    case 'nats-kill':
    case 'nats-erase':
    case 'nats-set-back':
      nats.kill()
      if (deed.kind === 'nats-erase') nats.erase()
      if (deed.kind === 'nats-set-back') goBack()
      return later(() => {
        nats.provision()
        nats.restart()
      })
    case 'nats-full':
      nats.full = true
      return later(() => {
        nats.full = false
      })
    case 'nats-freeze':
      nats.freeze()
      return later(() => nats.thaw())
    case 'api-stop':
      api.stop()
      return later(() => api.start())
    case 'api-refuse':
      api.refuses = 503
      return later(() => {
        api.refuses = undefined
      })
    case 'api-compact':
      return api.compact()
    case 'api-silence':
      return api.silence()
    case 'artifactory':
      world.artifactory.trouble = deed.trouble
      return later(() => {
        world.artifactory.trouble = undefined
      })
    case 'slack':
      slack.trouble = deed.trouble
      slack.share = deed.share
      return later(() => {
        slack.trouble = undefined
      })
    default:
  }
}
