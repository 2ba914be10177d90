/** Programs of other people that our own rules are held against. */
import { buildWithGo } from './build-with-go.ts'
import type { Tool } from './tool.ts'

/** `kubectl rollout status` of Deployments, kubectl's own code, without a server. */
export const rolloutStatusTool: Tool = {
  name: 'rollout-status',
  found: [],
  made: [
    buildWithGo({
      module: 'rollout-status',
      package: '.',
      version: '0.36.3',
      duration: 'about two minutes on two cores',
    }),
  ],
}

/**
 * A store of files over HTTP: golang.org/x/net/webdav. nginx would do as well, but comes from a distribution's
 * packages, which not every machine has; Go and its module proxy are needed anyway.
 */
export const webdavTool: Tool = {
  name: 'webdav',
  found: [],
  made: [buildWithGo({ module: 'webdav', package: '.', version: '0.60.0', duration: 'some ten seconds' })],
}
