// Seeks the lease at the NATS of its first argument, under the key of its second, and acts, as fast as it can, while its term is valid.
import { setImmediate } from 'node:timers/promises'
import { connectJetStream, holdLease, type Log } from '../index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const [url = '', key = '', leaseMs = ''] = process.argv.slice(2)
const connection = await connectJetStream({ servers: [url], name: 'holder', log: quiet })
holdLease({
  connection,
  key,
  log: quiet,
  times: { leaseMs: Number(leaseMs), renewMs: Number(leaseMs) / 3, lookMs: 50 },
  run: async (term) => {
    while (term.valid()) {
      console.log(`acts ${term.epoch} ${Date.now()}`)
      await setImmediate()
    }
    console.log(`over ${term.epoch} ${Date.now()}`)
  },
})
