package rfc9110

// ParseDate is parseDate.
var ParseDate = parseDate
