/**
 * Whose objects are (column `owner` of the store). A configuration file with which the server was
 * started owns exactly what it declares, under its absolute path: such an object is changed in the
 * file, and goes when it goes from the file. What was made by cmdlet, or came by `apply`, belongs
 * to nobody and stays whatever the file says, unless the file declares it too: then it is the
 * file's from there on.
 */
export const NOBODY = "";

/**
 * Owner of what the first start has made, and of what releases without owners have stored: it goes
 * when a file declares its kind without it, and becomes nobody's when it is changed.
 */
export const GIVES_WAY = "(first start)";
