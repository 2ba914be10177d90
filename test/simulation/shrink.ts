import type { Plan } from './plan.ts'

/** Leaves out whatever the failure does not need: halves first, then single steps. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < smallest.steps.length; ) {
      const steps = smallest.steps.filter((_, index) => index < from || index >= from + size)
      const smaller = { ...smallest, steps }
      if (await fails(smaller)) smallest = smaller
      else from += size
    }
  }
  return smallest
}
