/** Stands in for services/watcher/src/api-server/api-transport.ts: requests go to the world's cluster. */
import type { ApiRequest, ApiResponse } from '../../services/watcher/src/api-server/api-transport.ts'
import { theWorld } from './the-world.ts'
import { currentProcess } from './virtual-time.ts'

export class HttpTransport implements AsyncDisposable {
  readonly #process = currentProcess()

  request(request: ApiRequest): Promise<ApiResponse> {
    return theWorld().api.request(request, this.#process)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    theWorld().api.forget(this.#process)
  }
}
