type Typed = { deviceType: { name: string }; ownDeviceType: string | null };

/** What the lab calls the type, and what it is called here where that differs. */
export function typeInWords({ deviceType, ownDeviceType }: Typed): string {
  return ownDeviceType === null ? deviceType.name : `${ownDeviceType} (here ${deviceType.name})`;
}
