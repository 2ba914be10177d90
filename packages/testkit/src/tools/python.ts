import { buildWithGo } from './build-with-go.ts'
import { namedBy, onPath, withPip } from './find-program.ts'
import { obtain } from './obtain.ts'
import { takeFromPypi } from './take-from-pypi.ts'
import type { Tool } from './tool.ts'

export const pythonTool: Tool = {
  name: 'python3',
  found: [namedBy('PYTHON', [3, 9]), withPip(onPath('python3', [3, 9]))],
  made: [buildWithGo({ module: 'python', package: '.', version: '3.14.6', duration: 'some ten seconds' })],
}

/** The NATS client of Python: one file for its PYTHONPATH. */
export const natsPyTool: Tool = {
  name: 'nats-py.whl',
  found: [],
  made: [
    takeFromPypi({
      package: 'nats-py',
      version: '2.16.0',
      python: (context) => obtain(pythonTool, context),
      sha256: ['aeb1ff123966c05833d26c7df7e1d54c1c6d32b612428b21677a2e921f1fecae'],
    }),
  ],
}
