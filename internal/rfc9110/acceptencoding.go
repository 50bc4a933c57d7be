package rfc9110

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// AcceptedCodings returns which codings may be sent to a client with this
// Accept-Encoding, instead of content in no coding. The one that the client weighs
// most is first; of equal weights, the one that is first in codings.
//
// None are accepted by an empty value, or if there is no such field: then every
// coding is acceptable, but clients that do not ask often cannot decode. Nor are
// codings that the client weighs less than "identity", no coding. Content in no
// coding is the last resort even for a client that refuses it, for §12.5.3 leaves
// 406 to the server.
//
// §12.5.3 and §12.4.2:
//
//	Accept-Encoding  = #( codings [ weight ] )
//	codings          = content-coding / "identity" / "*"
//	weight           = OWS ";" OWS "q=" qvalue
//
//	1. If no Accept-Encoding header field is in the request, any content coding
//	   is considered acceptable by the user agent.
//	2. If the representation has no content coding, then it is acceptable by
//	   default unless specifically excluded by the Accept-Encoding header field
//	   stating either "identity;q=0" or "*;q=0" without a more specific entry for
//	   "identity".
//	3. If the representation's content coding is one of the content codings
//	   listed in the Accept-Encoding field value, then it is acceptable unless it
//	   is accompanied by a qvalue of 0.
func AcceptedCodings(value string, codings []string) (accepted []string) {
	identity := codingWeight(value, "identity") // not listed: anything that is listed goes first
	weights := make(map[string]int, len(codings))
	for _, coding := range codings {
		if weights[coding] = codingWeight(value, coding); weights[coding] > 0 && weights[coding] >= identity {
			accepted = append(accepted, coding)
		}
	}
	slices.SortStableFunc(accepted, func(a, b string) int { return cmp.Compare(weights[b], weights[a]) })
	return accepted
}

// codingWeight returns the weight, in thousandths, that an Accept-Encoding gives to
// a coding, by its name or by "*", which stands for all that are not listed; -1 if
// by neither. Of several the least counts.
func codingWeight(value, coding string) int {
	listed, others := -1, -1
	for element := range strings.SplitSeq(value, ",") {
		name, weight, weighted := strings.Cut(element, ";")
		w := 1000
		if weighted {
			w = parseWeight(weight)
		}
		switch name = strings.ToLower(strings.Trim(name, " \t")); name {
		case coding, "x-" + coding: // "x-gzip" is gzip, §8.4.1.3
			if listed < 0 || w < listed {
				listed = w
			}
		case "*":
			others = w
		}
	}
	if listed < 0 {
		return others
	}
	return listed
}

// parseWeight returns a weight in thousandths. One that is malformed is 0: what the
// client wants is not known, and every client can read content in no coding. §12.4.2:
//
//	weight = OWS ";" OWS "q=" qvalue
//	qvalue = ( "0" [ "." 0*3DIGIT ] )
//	       / ( "1" [ "." 0*3("0") ] )
func parseWeight(s string) int {
	s = strings.ToLower(strings.Trim(s, " \t"))
	whole, decimals, _ := strings.Cut(strings.TrimPrefix(s, "q="), ".")
	n, err := strconv.ParseUint((decimals + "000")[:3], 10, 16)
	switch {
	case !strings.HasPrefix(s, "q="), len(decimals) > 3, err != nil:
		return 0
	case whole == "0":
		return int(n)
	case whole == "1" && n == 0:
		return 1000
	}
	return 0
}
