// The version of this command. The daemon tells its own.
export const SKEIN_VERSION = '0.1.0';
export const API_VERSION = '1.50';
