// Preloaded into a service (`--import`): its wall clock jumps to where the file CLOCK_SHIFT_FILE says, in milliseconds
// from the real time, at each SIGUSR2. The monotonic clock goes on undisturbed, as on a machine whose clock is set.
import { readFileSync } from 'node:fs'

const file = process.env['CLOCK_SHIFT_FILE'] ?? ''
const realNow = Date.now.bind(Date)
let shiftMs = 0

function jump(): void {
  shiftMs = Number(readFileSync(file, 'utf8'))
}

Date.now = () => realNow() + shiftMs
globalThis.Date = new Proxy(Date, {
  construct: (target, given: [], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [Date.now()] : given, newTarget),
  apply: () => new Date().toString(),
})
jump()
process.on('SIGUSR2', jump)
