import { startComponent, startProcess } from '@hermod/testkit'
import { type Contender, type Entrant, untilAtRest } from './contender.ts'
import { readPeerLog } from './peer-log.ts'
import { familyOf } from './process-cost.ts'

/** A program given by its start command. Throws for anything but `name=command`. */
export function peerEntrant(given: string): Entrant {
  const [, name, command] = /^([^=\s]+)=(.+)$/s.exec(given) ?? []
  if (name === undefined || command === undefined)
    throw new Error(`--peer ${given}: give a name and a start command, as in --peer other="node other.js"`)
  return {
    name,
    async start({ kubeconfig, namespaces, slack }) {
      const env = {
        ...process.env,
        KUBECONFIG: kubeconfig,
        SLACK_TOKEN: slack.token,
        SLACK_API_URL: slack.apiUrl,
        SLACK_CHANNEL: namespaces[0],
        NAMESPACES: namespaces.join(' '),
      }
      const from = performance.now()
      const component = await startComponent(() =>
        startProcess('/bin/sh', ['-c', `exec ${command}`], { env }),
      )
      const processes: Contender['processes'] = () => new Map([[name, familyOf(component.pid)]])
      const atRestSince = await untilAtRest({ processes })
      if (!component.running) throw new Error(`${name} ended at its start:\n${component.log}`)
      return {
        // Nothing tells when it is ready.
        readyAfterMs: atRestSince - from,
        atRestAfterMs: atRestSince - from,
        processes,
        kill: () => component.kill(),
        async restart() {
          await component.restart()
          await untilAtRest({ processes })
        },
        read: (attempts) =>
          readPeerLog(
            slack.channels.flatMap(({ id }) => slack.messages(id)),
            attempts,
          ),
        [Symbol.asyncDispose]: () => component.kill(),
      }
    },
  }
}
