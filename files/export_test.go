package files

// IsWindowsName is isWindowsName.
var IsWindowsName = isWindowsName
