import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codeLink, type LinkSettings, operatorLinks, safeUrl } from './links.ts'
import { rollout } from './testdata/rollouts.ts'

const settings: LinkSettings = { linkTemplates: [], linkHostsAllowed: undefined }
const a = { sha: 'a'.repeat(40), repo: 'https://github.com/acme/x' }
const b = { sha: 'b'.repeat(40), repo: 'https://github.com/acme/x' }

describe('a link', () => {
  for (const bad of [
    'javascript:alert(1)',
    'http://example.com',
    'file:///etc/passwd',
    'https://user:pw@example.com',
    'https://user@example.com',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://[::1]/x',
    'not a url',
    '',
  ]) {
    it(`is never made of ${bad || 'nothing'}`, () => assert.equal(safeUrl(bad, settings), undefined))
  }

  it('keeps within the allowed hosts and their subdomains', () => {
    const narrow = { ...settings, linkHostsAllowed: ['example.com'] }
    assert.equal(safeUrl('https://git.example.com/x', narrow), 'https://git.example.com/x')
    assert.equal(safeUrl('https://evilexample.com/x', narrow), undefined)
  })

  it('cannot be ended from within', () => {
    assert.equal(safeUrl('https://example.com/a|b>c<d', settings), 'https://example.com/a%7Cb%3Ec%3Cd')
  })
})

describe('the code of a version', () => {
  it('is a comparison with the last good one, as each host spells it', () => {
    assert.equal(
      codeLink(a, b, settings),
      `<https://github.com/acme/x/compare/${a.sha}...${b.sha}|aaaaaaa…bbbbbbb>`,
    )
    const repo = 'https://gitlab.example/acme/x.git'
    assert.match(codeLink({ ...a, repo }, { ...b, repo }, settings) ?? '', /acme\/x\/-\/compare\//)
  })

  it('is one commit where there is nothing to compare with', () => {
    assert.equal(codeLink(undefined, b, settings), `<https://github.com/acme/x/commit/${b.sha}|bbbbbbb>`)
    assert.equal(codeLink(undefined, { sha: b.sha }, settings), 'bbbbbbb')
    assert.equal(codeLink(a, { sha: '<!here>' }, settings), undefined)
  })
})

describe("an operator's links", () => {
  it('are filled in, encoded, and left out where something is not known', () => {
    const linkTemplates = [
      ['logs', 'https://logs.example/{namespace}/{deployment}?r={revision}'],
      ['commit', 'https://x.example/{sha}'],
    ] as const
    const links = operatorLinks(rollout({ name: 'a b/c', git: {} }), { ...settings, linkTemplates })
    assert.deepEqual(links, ['<https://logs.example/shop/a%20b%2Fc?r=42|logs>'])
  })
})
