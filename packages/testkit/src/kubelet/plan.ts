/**
 * What becomes of a pod. A kubelet asks again before each further try (pull, restart, schedule) and at `replan`, so a
 * plan that changes lets a pod recover or break.
 *
 * `container` names the one that fails (an init container too); by default the first of the pod. Its fellows run.
 */
export type KubeletPlan =
  | {
      readonly outcome: 'ready'
      /** How long the image takes to come: ContainerCreating until then. 0 by default. */
      readonly pullMs?: number
      /** From running to ready. 30 by default. */
      readonly readyAfterMs?: number
    }
  | {
      /** Runs, and its readiness probe fails for ever. */
      readonly outcome: 'never-ready'
      readonly container?: string
      /** What the probe said: `HTTP probe failed with statuscode: 503` by default. */
      readonly message?: string
    }
  | {
      /** The scheduler finds no node. */
      readonly outcome: 'unschedulable'
      /** The scheduler's words: `0/3 nodes are available: 3 Insufficient cpu. …` by default. */
      readonly message?: string
    }
  | {
      /** ContainerCreating for ever: a volume cannot be mounted. */
      readonly outcome: 'mount-fails'
      readonly message?: string
    }
  | { readonly outcome: 'invalid-image-name'; readonly container?: string }
  | {
      /** ErrImagePull, then ImagePullBackOff, in turn. */
      readonly outcome: 'image-pull-fails'
      readonly container?: string
      /** What the container runtime said: that there is no such image, by default. */
      readonly message?: string
      /** How long each try takes. 0 by default. */
      readonly pullMs?: number
    }
  | {
      /** CreateContainerConfigError. */
      readonly outcome: 'config-error'
      readonly container?: string
      /** `secret "app-config" not found` by default. */
      readonly message?: string
    }
  | {
      /** Ends again and again: one restart at once, then CrashLoopBackOff. */
      readonly outcome: 'crashes'
      readonly container?: string
      /** 1 by default; 137 when it is killed for its memory. */
      readonly exitCode?: number
      /** `Error` by default. */
      readonly reason?: 'Error' | 'OOMKilled' | 'Completed'
      /**
       * How long it lives each time. By default its end comes before anybody saw it run. While it is seen running, it
       * is ready too if it has no readiness probe, as on a real node.
       */
      readonly runsMs?: number
    }

export type Plan<Outcome extends KubeletPlan['outcome']> = Extract<KubeletPlan, { outcome: Outcome }>
