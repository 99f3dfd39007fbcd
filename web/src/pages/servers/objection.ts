/** Who keeps what out of service. */
export interface Objection {
  readonly component: string;
  readonly requester: string;
  readonly state: string;
}

const REQUEST = /^(\w+): (Draining|Inactive) since /;

/** The first word against service, as Get-ServerComponentState has it; none: all is in service. */
export function firstObjection(
  components: readonly {
    readonly Component: string | null;
    readonly LocalStates: readonly string[] | null;
  }[],
): Objection | undefined {
  for (const { Component: component, LocalStates } of components) {
    for (const text of LocalStates ?? []) {
      const [, requester = "", state = ""] = REQUEST.exec(text) ?? [];
      if (component !== null && requester !== "") return { component, requester, state };
    }
  }
  return undefined;
}
