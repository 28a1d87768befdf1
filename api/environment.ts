/** Comparable series leave the lab out: an environment is a device type. */
export function environmentOf(deviceType: string) {
  return { name: deviceType, deviceType, architecture: null };
}
