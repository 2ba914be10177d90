import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { FaultScript, type HttpFault } from './http-faults.ts'
import { type ExchangeEnd, startHttpStandIn } from './http-stand-in.ts'

const whole = 'a body of some length'

async function start() {
  const faults = new FaultScript<string>()
  const carriedOut: string[] = []
  const ends: ExchangeEnd[] = []
  const server = await startHttpStandIn<string>({
    faults,
    begin: ({ url }) => ({
      call: url.pathname,
      carryOut() {
        carriedOut.push(url.pathname)
        return { status: 200, body: whole }
      },
      ended: (how) => ends.push(how),
    }),
  })
  return { ...server, faults, carriedOut, ends }
}

async function outcome(url: string): Promise<string> {
  try {
    const response = await fetch(url)
    return `${response.status} ${await response.text().catch((error: Error) => `then ${error.message}`)}`
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    return `no reply: ${cause?.code}`
  }
}

const plays: Record<string, [fault: HttpFault, outcome: RegExp, carriedOut: number]> = {
  'an answer of its own': [{ kind: 'answer', answer: { status: 503, body: 'no' } }, /^503 no$/, 0],
  'an answer of its own, carried out': [
    { kind: 'answer', answer: { status: 500 }, effect: true },
    /^500 $/,
    1,
  ],
  'a reset': [{ kind: 'reset' }, /^no reply: (ECONNRESET|UND_ERR_SOCKET)$/, 0],
  'a reset, carried out': [{ kind: 'reset', effect: true }, /^no reply: (ECONNRESET|UND_ERR_SOCKET)$/, 1],
  'a reset after the headers': [{ kind: 'reset', afterHeaders: true }, /^200 then terminated$/, 0],
  'a truncated body': [{ kind: 'truncate', atByte: 5 }, /^200 then terminated$/, 1],
  'a delay': [{ kind: 'delay', ms: 5 }, new RegExp(`^200 ${whole}$`), 1],
  'a late reply': [{ kind: 'delay', ms: 5, effect: true }, new RegExp(`^200 ${whole}$`), 1],
}

for (const [name, [fault, expected, times]] of Object.entries(plays)) {
  test(`plays ${name} and says how it ended`, async () => {
    await using server = await start()
    server.faults.inject(fault, { times: 1 })
    assert.match(await outcome(server.url), expected)
    assert.equal(server.carriedOut.length, times)
    await eventually(() =>
      assert.deepEqual(
        server.ends.map((end) => end.fault),
        [fault],
      ),
    )
    assert.equal(await outcome(server.url), `200 ${whole}`, 'the next request is served again')
  })
}

test('a held request waits for the test, before its effect or after it', async () => {
  await using server = await start()
  for (const effect of [false, true]) {
    const { promise: until, resolve: release } = Promise.withResolvers<void>()
    const before = server.carriedOut.length
    const held = server.faults.inject({ kind: 'hold', until, effect }, { times: 1 })
    let isAnswered = false
    const reply = outcome(server.url).finally(() => {
      isAnswered = true
    })
    await eventually(() => assert.equal(held.hits, 1))
    await eventually(() => assert.equal(server.carriedOut.length - before, effect ? 1 : 0))
    await outcome(server.url)
    assert.equal(isAnswered, false)
    release()
    assert.equal(await reply, `200 ${whole}`)
  }
})

test('faults are taken in the order of injection, by those whom they are meant for, until lifted', async () => {
  const script = new FaultScript<string>()
  const first: HttpFault = { kind: 'reset' }
  const second: HttpFault = { kind: 'hang' }
  script.inject(first, { times: 1, when: (path) => path === '/a' })
  const lasting = script.inject(second)
  assert.deepEqual(
    ['/b', '/a', '/a'].map((path) => script.take(path)),
    [second, first, second],
  )
  assert.equal(lasting.hits, 2)
  lasting.lift()
  assert.equal(script.take('/a'), undefined)
})

test('disposing ends what hangs and what is held', async () => {
  const server = await start()
  server.faults.inject({ kind: 'hang' }, { times: 1 })
  const { promise: until, resolve: release } = Promise.withResolvers<void>()
  const hold = server.faults.inject({ kind: 'hold', until })
  const replies = [outcome(server.url), outcome(server.url)]
  await eventually(() => assert.equal(hold.hits, 1))
  await server[Symbol.asyncDispose]()
  for (const reply of await Promise.all(replies)) assert.match(reply, /^no reply/)
  release()
  await eventually(() => assert.equal(server.ends.length, 2))
  assert.deepEqual(server.carriedOut, [])
})

test('a stand-in that breaks ends the connection and says why', async () => {
  const ends: ExchangeEnd[] = []
  await using server = await startHttpStandIn({
    faults: new FaultScript(),
    begin: () => ({
      call: undefined,
      carryOut: () => assert.fail('a bug'),
      ended: (how) => ends.push(how),
    }),
  })
  assert.match(await outcome(server.url), /^no reply/)
  await eventually(() => assert.match(ends[0]?.error ?? '', /a bug$/))
})
