package literal

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// canonicalInet is inet_in for full addresses.
func canonicalInet(text string) (string, bool) {
	addr, bits, ok := parseNetwork(text)
	if !ok {
		return "", false
	}
	s, ok := formatAddress(addr)
	if bits != addr.BitLen() {
		s += "/" + strconv.Itoa(bits)
	}
	return s, ok
}

// canonicalCidr is cidr_in for full addresses, whose bits right of the mask must be zero.
func canonicalCidr(text string) (string, bool) {
	addr, bits, ok := parseNetwork(text)
	if !ok || netip.PrefixFrom(addr, bits).Masked().Addr() != addr {
		return "", false
	}
	s, ok := formatAddress(addr)
	return s + "/" + strconv.Itoa(bits), ok
}

func parseNetwork(text string) (addr netip.Addr, bits int, ok bool) {
	address, mask, masked := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Zone() != "" {
		return addr, 0, false
	}
	if !masked {
		return addr, addr.BitLen(), true
	}
	bits, err = strconv.Atoi(mask)
	return addr, bits, err == nil && mask == strconv.Itoa(bits) && bits >= 0 && bits <= addr.BitLen()
}

// formatAddress prints an address; of those of IPv6 that embed one of IPv4, only the mapped ones.
func formatAddress(a netip.Addr) (string, bool) {
	if a.Is4() || a.Is4In6() {
		return a.String(), true
	}
	b := a.As16()
	compatible := [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0)
	return a.String(), !compatible
}

func canonicalMacaddr(text string) (string, bool) {
	b, ok := parseMac(text)
	if !ok || len(b) != 6 {
		return "", false
	}
	return formatMac(b), true
}

// canonicalMacaddr8 puts ff:fe into the middle of six bytes.
func canonicalMacaddr8(text string) (string, bool) {
	b, ok := parseMac(text)
	if ok && len(b) == 6 {
		b = []byte{b[0], b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]}
	}
	if !ok || len(b) != 8 {
		return "", false
	}
	return formatMac(b), true
}

// parseMac reads bytes of two digits in groups of equal length, separated by the same character.
func parseMac(text string) ([]byte, bool) {
	s := trim(text)
	groups := []string{s}
	for _, separator := range []string{":", "-", "."} {
		if strings.Contains(s, separator) {
			groups = strings.Split(s, separator)
			if four := len(groups[0]) == 4; separator == "." && !four || separator == ":" && four {
				return nil, false
			}
			break
		}
	}
	for _, g := range groups {
		if len(g) != len(groups[0]) {
			return nil, false
		}
	}
	if n := len(groups[0]); n != 2 && n != 4 && n != 6 && n != 12 && n != 16 {
		return nil, false
	}
	b, err := hex.DecodeString(strings.Join(groups, ""))
	return b, err == nil
}

func formatMac(b []byte) string {
	var groups []string
	for _, x := range b {
		groups = append(groups, hex.EncodeToString([]byte{x}))
	}
	return strings.Join(groups, ":")
}
