import { Checkbox, Field, Input, makeStyles, Text, Textarea } from "@fluentui/react-components";
import { useId, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { CopyButton } from "../../widgets/copy-button.tsx";
import { CallDialog } from "./call-dialog.tsx";
import { texts } from "./certificate-texts.ts";

const useStyles = makeStyles({
  choices: { display: "flex", flexDirection: "column" },
  file: { width: "100%", minHeight: "32px" },
});

interface DialogProps {
  readonly onClose: () => void;
}

/** Makes a key and a request for its certificate. */
export function RequestDialog({ onClose }: DialogProps) {
  const [name, setName] = useState("");
  const [domains, setDomains] = useState("");
  const DomainName = domains.split(/[\s,]+/).filter((one) => one !== "");
  return (
    <CallDialog
      title={texts.request}
      verb={texts.makeRequest}
      isReady={name !== "" && DomainName.length > 0}
      call={{
        cmdlet: "New-ExchangeCertificate",
        parameters: { Name: name, DomainName, GenerateRequest: true },
      }}
      result={(made) => <RequestText pem={String(made["Request"])} />}
      onClose={onClose}
    >
      <Text>{texts.requestHint}</Text>
      <Field label={texts.name} hint={texts.nameHint} required>
        <Input value={name} onChange={(_event, { value }) => setName(value)} />
      </Field>
      <Field label={texts.domains} hint={texts.domainHint} required>
        <Textarea value={domains} onChange={(_event, { value }) => setDomains(value)} />
      </Field>
    </CallDialog>
  );
}

function RequestText({ pem }: { readonly pem: string }) {
  return (
    <>
      <Text>{texts.requestDone}</Text>
      <Field label={texts.requestText}>
        <Textarea readOnly value={pem} rows={9} />
      </Field>
      <div>
        <CopyButton text={pem} />
      </div>
    </>
  );
}

interface Upload {
  readonly name: string;
  readonly base64: string;
}

/** Puts a certificate into force, or the authority's answer to a request. */
export function ImportDialog({ onClose, of }: DialogProps & { readonly of?: string }) {
  const [name, setName] = useState(of ?? "");
  const [file, setFile] = useState<Upload>();
  const [key, setKey] = useState<Upload>();
  const [password, setPassword] = useState("");
  const secret = password === "" ? {} : { Password: password };
  return (
    <CallDialog
      title={of === undefined ? texts.import : texts.importAnswer}
      verb={texts.importVerb}
      isReady={name !== "" && file !== undefined}
      call={{
        cmdlet: "Import-ExchangeCertificate",
        parameters: {
          Name: name,
          FileData: file?.base64,
          ...(key && { KeyData: key.base64 }),
          ...secret,
        },
      }}
      shownCall={{
        cmdlet: "Import-ExchangeCertificate",
        parameters: { Name: name, FileName: file?.name, KeyFileName: key?.name, ...secret },
      }}
      onClose={onClose}
    >
      <Text>{texts.importHint}</Text>
      <Field label={texts.name} hint={texts.nameHint} required>
        <Input
          value={name}
          readOnly={of !== undefined}
          onChange={(_event, { value }) => setName(value)}
        />
      </Field>
      <FileField label={texts.file} onRead={setFile} />
      {of === undefined && <FileField label={texts.keyFile} onRead={setKey} />}
      {of === undefined && (
        <Field label={texts.passphrase}>
          <Input
            type="password"
            autoComplete="off"
            value={password}
            onChange={(_event, { value }) => setPassword(value)}
          />
        </Field>
      )}
    </CallDialog>
  );
}

function FileField(props: {
  readonly label: string;
  readonly onRead: (upload: Upload | undefined) => void;
}) {
  const { label, onRead } = props;
  const styles = useStyles();
  const id = useId();
  const read = async (file: File | undefined) => {
    onRead(file && { name: file.name, base64: await base64Of(file) });
  };
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        className={styles.file}
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
    </div>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Has connectors show a certificate. */
export function AssignDialog({ onClose, of }: DialogProps & { readonly of: string }) {
  const mayRun = useMayRun();
  const incoming = useCmdlet({ cmdlet: "Get-ReceiveConnector", parameters: {} });
  const outgoing = useCmdlet(
    { cmdlet: "Get-SendConnector", parameters: {} },
    { isEnabled: mayRun("Get-SendConnector") },
  );
  const [receive, setReceive] = useState<readonly string[]>([]);
  const [send, setSend] = useState<readonly string[]>([]);
  const namesOf = (objects: readonly { readonly Identity: string | null }[] = []) =>
    objects.map(({ Identity }) => String(Identity));
  return (
    <CallDialog
      title={`${texts.assign}: ${of}`}
      verb={texts.assignVerb}
      isReady={receive.length + send.length > 0}
      call={{
        cmdlet: "Enable-ExchangeCertificate",
        parameters: {
          Identity: of,
          ...(receive.length > 0 && { ReceiveConnector: receive }),
          ...(send.length > 0 && { SendConnector: send }),
        },
      }}
      onClose={onClose}
    >
      <Text>{texts.assignHint}</Text>
      <NameChoices
        label={texts.receive}
        names={namesOf(incoming.data?.objects)}
        chosen={receive}
        onChange={setReceive}
      />
      <NameChoices
        label={texts.send}
        names={namesOf(outgoing.data?.objects)}
        chosen={send}
        onChange={setSend}
      />
    </CallDialog>
  );
}

function NameChoices(props: {
  readonly label: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const { label, names, chosen, onChange } = props;
  const styles = useStyles();
  if (names.length === 0) return null;
  return (
    <div role="group" aria-label={label} className={styles.choices}>
      <Text weight="semibold">{label}</Text>
      {names.map((name) => (
        <Checkbox
          key={name}
          label={name}
          checked={chosen.includes(name)}
          onChange={(_event, { checked }) =>
            onChange(checked === true ? [...chosen, name] : chosen.filter((one) => one !== name))
          }
        />
      ))}
    </div>
  );
}
