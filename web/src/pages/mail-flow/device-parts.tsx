import {
  Checkbox,
  Field,
  Input,
  Radio,
  RadioGroup,
  Select,
  Text,
  Textarea,
} from "@fluentui/react-components";
import { useEffect } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { type Device, openBindings } from "./device.ts";
import { texts } from "./device-texts.ts";
import { FormPart } from "./form-part.tsx";

interface PartProps {
  readonly device: Device;
  readonly onChange: (change: Partial<Device>) => void;
}

/** What it is, and what it can do. */
export function DeviceWhat({ device, onChange }: PartProps) {
  const mayRun = useMayRun();
  const mayRelay = mayRun("New-ReceiveConnector", "Get-ReceiveConnector");
  return (
    <FormPart title={texts.what}>
      <Field label={texts.name} hint={texts.nameHint} required>
        <Input
          value={device.name}
          maxLength={64}
          onChange={(_event, { value }) => onChange({ name: value })}
        />
      </Field>
      <Field label={texts.ways}>
        <RadioGroup
          value={device.way}
          onChange={(_event, { value }) =>
            onChange({ way: value === "address" ? "address" : "logon" })
          }
        >
          <Radio
            value="logon"
            label={<Choice title={texts.wayLogon} hint={texts.wayLogonHint} />}
          />
          {mayRelay && (
            <Radio
              value="address"
              label={<Choice title={texts.wayAddress} hint={texts.wayAddressHint} />}
            />
          )}
        </RadioGroup>
      </Field>
    </FormPart>
  );
}

function Choice({ title, hint }: { readonly title: string; readonly hint: string }) {
  return (
    <>
      {title}
      <br />
      <Text size={200}>{hint}</Text>
    </>
  );
}

/** As whom it sends, and how much. */
export function DeviceWho({ device, onChange }: PartProps) {
  const mayRun = useMayRun();
  const { isNewMailbox } = device;
  return (
    <FormPart title={texts.who}>
      {mayRun("New-Mailbox") && (
        <RadioGroup
          aria-label={texts.who}
          value={isNewMailbox ? "new" : "old"}
          onChange={(_event, { value }) => onChange({ isNewMailbox: value === "new" })}
        >
          <Radio value="old" label={texts.oldMailbox} />
          <Radio value="new" label={texts.newMailbox} />
        </RadioGroup>
      )}
      {isNewMailbox ? (
        <>
          <Field label={texts.mailboxName} required>
            <Input
              value={device.mailbox}
              onChange={(_event, { value }) => onChange({ mailbox: value })}
            />
          </Field>
          <Field label={texts.mailboxAddress} required>
            <Input
              type="email"
              value={device.mailboxAddress}
              onChange={(_event, { value }) => onChange({ mailboxAddress: value })}
            />
          </Field>
        </>
      ) : (
        <KnownMailbox device={device} onChange={onChange} />
      )}
      <Field label={texts.sender} hint={texts.senderHint}>
        <Input
          type="email"
          value={device.sender}
          onChange={(_event, { value }) => onChange({ sender: value })}
        />
      </Field>
      <Field label={texts.perHour} hint={texts.perHourHint}>
        <Input
          value={device.perHour}
          inputMode="numeric"
          onChange={(_event, { value }) => onChange({ perHour: value })}
        />
      </Field>
      {mayRun("Get-ThrottlingPolicy", "Set-Mailbox") && (
        <PolicyChoice device={device} onChange={onChange} />
      )}
    </FormPart>
  );
}

/** Enough to choose from; others are typed. */
const OFFERED_MAX = 200;

function KnownMailbox({ device, onChange }: PartProps) {
  const { data } = useCmdlet({ cmdlet: "Get-Mailbox", parameters: { ResultSize: OFFERED_MAX } });
  return (
    <Field label={texts.mailbox} hint={texts.mailboxHint} required>
      <Input
        value={device.mailbox}
        list="device-mailboxes"
        onChange={(_event, { value }) => onChange({ mailbox: value })}
        contentAfter={
          <datalist id="device-mailboxes">
            {data?.objects.map(({ PrimarySmtpAddress }) => (
              <option key={PrimarySmtpAddress} value={PrimarySmtpAddress ?? ""} />
            ))}
          </datalist>
        }
      />
    </Field>
  );
}

function PolicyChoice({ device, onChange }: PartProps) {
  const { data } = useCmdlet({ cmdlet: "Get-ThrottlingPolicy", parameters: {} });
  if (data === undefined || data.objects.length === 0) return null;
  return (
    <Field label={texts.policy}>
      <Select value={device.policy} onChange={(_event, { value }) => onChange({ policy: value })}>
        <option value="">{texts.policyNone}</option>
        {data.objects.map(({ Name }) => (
          <option key={Name}>{Name}</option>
        ))}
      </Select>
    </Field>
  );
}

/** Where it comes from, and what it may do. */
export function DeviceWhere({ device, onChange }: PartProps) {
  const { data } = useCmdlet({ cmdlet: "Get-ReceiveConnector", parameters: {} });
  const bindings = openBindings(data?.objects ?? []);
  const [first = ""] = bindings;
  const isUnset = device.binding === "" && first !== "";
  useEffect(() => {
    if (isUnset) onChange({ binding: first });
  });
  return (
    <FormPart title={texts.where}>
      <Field label={texts.addresses} hint={texts.addressesHint} required>
        <Textarea
          value={device.addresses}
          onChange={(_event, { value }) => onChange({ addresses: value })}
        />
      </Field>
      <Field label={texts.binding}>
        <Select
          value={device.binding}
          onChange={(_event, { value }) => onChange({ binding: value })}
        >
          {bindings.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </Field>
      <RadioGroup
        aria-label={texts.where}
        value={device.isRelay ? "anybody" : "own"}
        onChange={(_event, { value }) => onChange({ isRelay: value === "anybody" })}
      >
        <Radio value="own" label={texts.own} />
        <Radio value="anybody" label={texts.anybody} />
      </RadioGroup>
      <Field label={texts.perMinute}>
        <Input
          value={device.perMinute}
          inputMode="numeric"
          onChange={(_event, { value }) => onChange({ perMinute: value })}
        />
      </Field>
      <Checkbox
        label={texts.oldTls}
        checked={device.hasOldTls}
        onChange={(_event, { checked }) => onChange({ hasOldTls: checked === true })}
      />
      <Checkbox
        label={texts.bareLf}
        checked={device.hasBareLf}
        onChange={(_event, { checked }) => onChange({ hasBareLf: checked === true })}
      />
    </FormPart>
  );
}
