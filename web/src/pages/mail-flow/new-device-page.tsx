import { Button, makeStyles, Text } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { asFault, type CmdletFault } from "../../api/cmdlet-fault.ts";
import { refreshCmdlets } from "../../api/cmdlet-query.ts";
import { runAny } from "../../api/run-cmdlet.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { LeaveGuard } from "../../widgets/form/leave-guard.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type Device, deviceCalls, isComplete, NEW_DEVICE } from "./device.ts";
import { DeviceWhat, DeviceWhere, DeviceWho } from "./device-parts.tsx";
import { DeviceSettings, NoDoor } from "./device-settings.tsx";
import { DeviceTest } from "./device-test.tsx";
import { texts } from "./device-texts.ts";
import { FormPart } from "./form-part.tsx";
import { useDoors } from "./use-doors.ts";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: "16px", maxWidth: "720px" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

/** What was made: a user with his password, or nothing for a device known by its address. */
interface Made {
  readonly user?: string;
  readonly password?: string;
}

/** Guided: a device, as whom or from where it sends; then its settings, and a test. */
export function NewDevicePage() {
  const [device, setDevice] = useState<Device>(NEW_DEVICE);
  const [made, setMade] = useState<Made>();
  if (made !== undefined) return <DeviceReady device={device} made={made} />;
  return <DeviceForm device={device} onChange={setDevice} onMade={setMade} />;
}

function DeviceForm(props: {
  readonly device: Device;
  readonly onChange: (device: Device) => void;
  readonly onMade: (made: Made) => void;
}) {
  const { device, onChange, onMade } = props;
  const styles = useStyles();
  const navigate = useNavigate();
  const setUp = useSetUp(onMade);
  const { logon } = useDoors();
  const change = (next: Partial<Device>) => onChange({ ...device, ...next });
  const calls = deviceCalls(device);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void setUp.run(device);
  };
  return (
    <>
      <PageHeader title={texts.newTitle} about={texts.newAbout} />
      <form className={styles.form} onSubmit={submit} noValidate>
        <LeaveGuard isNeeded={() => device.name !== "" && !setUp.isDone.current} />
        <DeviceWhat device={device} onChange={change} />
        {device.way === "logon" && logon?.length === 0 && <NoDoor />}
        {device.way === "logon" ? (
          <DeviceWho device={device} onChange={change} />
        ) : (
          <DeviceWhere device={device} onChange={change} />
        )}
        {setUp.fault && <FaultNotice fault={setUp.fault} />}
        {setUp.fault && setUp.stepsDone > 0 && <Text>{texts.failedAfter}</Text>}
        <div className={styles.buttons}>
          <Button
            type="submit"
            appearance="primary"
            disabled={setUp.isRunning || !isComplete(device)}
          >
            {texts.create}
          </Button>
          <Button onClick={() => void navigate({ to: "/mail-flow/devices" })}>
            {texts.cancel}
          </Button>
          {calls.map((call) => (
            <ShowCmdlet key={call.cmdlet} call={call} />
          ))}
        </div>
      </form>
    </>
  );
}

/** Runs the calls one after the other; a second try goes on where the first one failed. */
function useSetUp(onMade: (made: Made) => void) {
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<CmdletFault>();
  const [stepsDone, setStepsDone] = useState(0);
  const isDone = useRef(false);
  const run = async (device: Device) => {
    setRunning(true);
    setFault(undefined);
    let count = stepsDone;
    try {
      let last: Readonly<Record<string, unknown>> | undefined;
      for (const call of deviceCalls(device).slice(stepsDone)) {
        const { objects } = await runAny(call);
        last = objects[0];
        count += 1;
      }
      isDone.current = true;
      onMade(
        device.way === "logon"
          ? { user: String(last?.["UserName"]), password: String(last?.["Password"]) }
          : {},
      );
    } catch (error) {
      setFault(asFault(error));
    } finally {
      setStepsDone(count);
      setRunning(false);
      void refreshCmdlets();
    }
  };
  return { run, fault, isRunning, stepsDone, isDone };
}

function DeviceReady({ device, made }: { readonly device: Device; readonly made: Made }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const doors = useDoors();
  const { user } = made;
  const name = device.name.trim();
  const sender = device.sender.trim() || (user ?? texts.fromAny);
  return (
    <>
      <PageHeader title={name} about={texts.about}>
        <Button onClick={() => void navigate({ to: "/mail-flow/devices" })}>{texts.title}</Button>
      </PageHeader>
      <div className={styles.form}>
        <FormPart title={texts.settings}>
          <DeviceSettings
            doors={user === undefined ? [doors.byAddress(name, device.binding)] : doors.logon}
            {...made}
            sender={sender}
          />
        </FormPart>
        <DeviceTest
          isStarted
          trace={user === undefined ? { Connector: name } : { SenderAddress: sender }}
        />
      </div>
    </>
  );
}
