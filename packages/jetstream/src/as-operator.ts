import type { RunCommand } from '@hermod/runtime'

const option = '--password-stdin'

/**
 * Lets a command in the pod of a service speak as the user `operator`: with `--password-stdin` its password comes by
 * standard input, so that it stands neither in the pod nor in the list of processes.
 */
export function asOperator(run: RunCommand): RunCommand {
  return async (call) => {
    if (!call.args.includes(option)) return await run(call)
    const password = ((await call.readInput?.()) ?? '').replace(/[\r\n]+$/, '')
    if (password === '') {
      call.complain(`${option}: nothing came by standard input: pipe the operator's password in`)
      return 2
    }
    const others = [
      'NATS_PASSWORD_FILE',
      'NATS_NKEY_SEED',
      'NATS_NKEY_SEED_FILE',
      'NATS_CREDS',
      'NATS_CREDS_FILE',
    ]
    const cleared = Object.fromEntries(others.map((name) => [name, undefined]))
    const env = { ...call.env, ...cleared, NATS_USER: 'operator', NATS_PASSWORD: password }
    return await run({ ...call, env, args: call.args.filter((each) => each !== option) })
  }
}
