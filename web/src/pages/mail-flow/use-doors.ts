import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { addressDoor, type Door, logonDoors } from "./device.ts";

/** The ways into the server for devices. */
export interface Doors {
  /** For logons; absent: not to be seen by this administrator, or not read yet. */
  readonly logon: readonly Door[] | undefined;
  /** For a device that is known by its address. */
  readonly byAddress: (connector: string, binding: string) => Door;
}

/** Read off the receive connectors. */
export function useDoors(): Doors {
  const mayRun = useMayRun();
  const connectors = useCmdlet(
    { cmdlet: "Get-ReceiveConnector", parameters: {} },
    { isEnabled: mayRun("Get-ReceiveConnector") },
  );
  const server = useCmdlet(
    { cmdlet: "Get-TransportServer", parameters: {} },
    { isEnabled: mayRun("Get-TransportServer") },
  );
  const name = server.data?.objects[0]?.Fqdn || window.location.hostname;
  const all = connectors.data?.objects;
  return {
    logon: all && logonDoors(all, name),
    byAddress: (connector, binding) => {
      const own = all?.find(({ Name }) => Name === connector);
      return addressDoor(connector, { binding, server: own?.Fqdn || name });
    },
  };
}
