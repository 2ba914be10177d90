/** Stands in for the wire on which the notifier talks to Slack. */
import type { LeanFetch } from '../../services/notifier/src/lean-fetch.ts'
import { theWorld } from './the-world.ts'
import { currentProcess } from './virtual-time.ts'

export function createLeanFetch(): LeanFetch {
  return {
    async send(url, { headers, body, signal }) {
      const plain = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      const call = { url: String(url), headers: plain, body, signal }
      return await theWorld().slack.call(call, currentProcess())
    },
    [Symbol.dispose]() {},
  }
}
