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
import { openBindings } from "./device.ts";
import { FormPart } from "./form-part.tsx";
import { type Assurance, type Partner, partnerName } from "./partner.ts";
import { texts } from "./partner-texts.ts";

interface PartProps {
  readonly partner: Partner;
  readonly onChange: (change: Partial<Partner>) => void;
}

/** Who it is. */
export function PartnerWho({ partner, onChange }: PartProps) {
  return (
    <FormPart title={texts.who}>
      <Field label={texts.domains} hint={texts.domainsHint} required>
        <Textarea
          value={partner.domains}
          onChange={(_event, { value }) => onChange({ domains: value })}
        />
      </Field>
      <Checkbox
        label={texts.subdomains}
        checked={partner.withSubdomains}
        onChange={(_event, { checked }) => onChange({ withSubdomains: checked === true })}
      />
      <Field label={texts.name}>
        <Input
          value={partner.name}
          placeholder={partnerName(partner)}
          onChange={(_event, { value }) => onChange({ name: value })}
        />
      </Field>
    </FormPart>
  );
}

/** Where its mail goes. */
export function PartnerWay({ partner, onChange }: PartProps) {
  return (
    <FormPart title={texts.where}>
      <RadioGroup
        aria-label={texts.where}
        value={partner.bySmartHost ? "hosts" : "mx"}
        onChange={(_event, { value }) => onChange({ bySmartHost: value === "hosts" })}
      >
        <Radio value="mx" label={texts.byMx} />
        <Radio value="hosts" label={texts.bySmartHost} />
      </RadioGroup>
      {partner.bySmartHost && (
        <Field label={texts.smartHosts} hint={texts.smartHostsHint} required>
          <Textarea
            value={partner.smartHosts}
            onChange={(_event, { value }) => onChange({ smartHosts: value })}
          />
        </Field>
      )}
      <Field label={texts.port}>
        <Input
          value={partner.port}
          inputMode="numeric"
          onChange={(_event, { value }) => onChange({ port: value })}
        />
      </Field>
    </FormPart>
  );
}

const ASSURANCES: readonly (readonly [Assurance, string, string])[] = [
  ["DomainValidation", texts.byDomain, texts.byDomainHint],
  ["CertificateValidation", texts.byAuthority, texts.byAuthorityHint],
  ["EncryptionOnly", texts.encrypted, texts.encryptedHint],
];

/** How sure we want to be. */
export function PartnerSure({ partner, onChange }: PartProps) {
  const { assurance, bySmartHost, certificateName } = partner;
  const choose = (value: string) => {
    const chosen = ASSURANCES.find(([one]) => one === value)?.[0];
    if (chosen !== undefined) onChange({ assurance: chosen });
  };
  return (
    <FormPart title={texts.sure}>
      <RadioGroup
        aria-label={texts.sure}
        value={assurance}
        onChange={(_event, { value }) => choose(value)}
      >
        {ASSURANCES.map(([value, title, hint]) => (
          <Radio
            key={value}
            value={value}
            label={
              <>
                {title}
                <br />
                <Text size={200}>{hint}</Text>
              </>
            }
          />
        ))}
      </RadioGroup>
      {assurance === "DomainValidation" && (
        <Field
          label={texts.certificateName}
          hint={bySmartHost ? texts.certificateNameHosts : texts.certificateNameMx}
          required={bySmartHost}
        >
          <Input
            value={certificateName}
            onChange={(_event, { value }) => onChange({ certificateName: value })}
          />
        </Field>
      )}
    </FormPart>
  );
}

/** The way back. */
export function PartnerIn({ partner, onChange }: PartProps) {
  const { data } = useCmdlet({ cmdlet: "Get-ReceiveConnector", parameters: {} });
  const bindings = openBindings(data?.objects ?? []);
  const [first = ""] = bindings;
  const isUnset = partner.binding === "" && first !== "";
  useEffect(() => {
    if (isUnset) onChange({ binding: first });
  });
  return (
    <FormPart title={texts.back}>
      <Checkbox
        label={texts.alsoIn}
        checked={partner.alsoIn}
        onChange={(_event, { checked }) => onChange({ alsoIn: checked === true })}
      />
      <Text size={200}>{texts.alsoInHint}</Text>
      {partner.alsoIn && (
        <>
          <Field label={texts.ranges} hint={texts.rangesHint} required>
            <Textarea
              value={partner.ranges}
              onChange={(_event, { value }) => onChange({ ranges: value })}
            />
          </Field>
          <Field label={texts.binding}>
            <Select
              value={partner.binding}
              onChange={(_event, { value }) => onChange({ binding: value })}
            >
              {bindings.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          </Field>
        </>
      )}
    </FormPart>
  );
}
