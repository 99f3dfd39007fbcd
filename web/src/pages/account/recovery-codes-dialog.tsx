import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Text,
  tokens,
} from "@fluentui/react-components";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
  codes: {
    columns: "180px 2",
    margin: 0,
    paddingInlineStart: "32px",
    fontFamily: tokens.fontFamilyMonospace,
    lineHeight: tokens.lineHeightBase500,
  },
});

/** Codes that are shown this once: only who says that he has them closes it. */
export function RecoveryCodesDialog(props: {
  readonly codes: readonly string[];
  readonly onClose: () => void;
}) {
  const { codes, onClose } = props;
  const styles = useStyles();
  return (
    <Dialog open modalType="alert">
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.codesTitle}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{texts.codesAbout}</Text>
            <ol className={styles.codes}>
              {codes.map((code) => (
                <li key={code}>{code}</li>
              ))}
            </ol>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              {texts.kept}
            </Button>
            <Button onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>
              {texts.copyCodes}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
