package catalog

import "fmt"

// Kind says what an object is. The order of the constants breaks ties when
// statements have no other order.
type Kind int

const (
	KindNone Kind = iota
	KindRole
	KindRoleMember
	KindSchema
	KindExtension
	KindCollation
	KindBaseType
	KindEnum
	KindComposite
	KindRange
	KindDomain
	KindDomainConstraint
	KindSequence
	KindForeignDataWrapper
	KindServer
	KindUserMapping
	KindTable
	KindColumn
	KindRoutine
	KindAggregate
	KindOperator
	KindOperatorFamily
	KindOperatorClass
	KindCast
	KindConversion
	KindTextSearchParser
	KindTextSearchTemplate
	KindTextSearchDictionary
	KindTextSearchConfiguration
	KindDefault
	KindConstraint
	KindIndex
	KindStatistics
	KindView
	KindRule
	KindTrigger
	KindPolicy
	KindRowSecurity
	KindEventTrigger
	KindPublication
	KindPublicationTable
	KindPublicationSchema
	KindSubscription
	KindOwner
	KindDefaultPrivilege
	KindGrant
	KindComment
	KindSecurityLabel
	kindEnd

	// KindLargeObject is what default privileges can be about besides: large objects are data, no objects of a catalog.
	KindLargeObject = kindEnd
)

var kindNames = [...]string{
	KindNone:                    "none",
	KindRole:                    "role",
	KindRoleMember:              "role membership",
	KindSchema:                  "schema",
	KindExtension:               "extension",
	KindCollation:               "collation",
	KindBaseType:                "base type",
	KindEnum:                    "enum",
	KindComposite:               "composite type",
	KindRange:                   "range type",
	KindDomain:                  "domain",
	KindDomainConstraint:        "domain constraint",
	KindSequence:                "sequence",
	KindForeignDataWrapper:      "foreign data wrapper",
	KindServer:                  "server",
	KindUserMapping:             "user mapping",
	KindTable:                   "table",
	KindColumn:                  "column",
	KindRoutine:                 "routine",
	KindAggregate:               "aggregate",
	KindOperator:                "operator",
	KindOperatorFamily:          "operator family",
	KindOperatorClass:           "operator class",
	KindCast:                    "cast",
	KindConversion:              "conversion",
	KindTextSearchParser:        "text search parser",
	KindTextSearchTemplate:      "text search template",
	KindTextSearchDictionary:    "text search dictionary",
	KindTextSearchConfiguration: "text search configuration",
	KindDefault:                 "default",
	KindConstraint:              "constraint",
	KindIndex:                   "index",
	KindStatistics:              "statistics",
	KindView:                    "view",
	KindRule:                    "rule",
	KindTrigger:                 "trigger",
	KindPolicy:                  "policy",
	KindRowSecurity:             "row security",
	KindEventTrigger:            "event trigger",
	KindPublication:             "publication",
	KindPublicationTable:        "publication table",
	KindPublicationSchema:       "publication schema",
	KindSubscription:            "subscription",
	KindOwner:                   "owner",
	KindDefaultPrivilege:        "default privilege",
	KindGrant:                   "grant",
	KindComment:                 "comment",
	KindSecurityLabel:           "security label",
	KindLargeObject:             "large object",
}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "unknown kind"
	}
	return kindNames[k]
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kindNames {
		if name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("no kind is named %q", text)
}

// Kinds lists every kind in tie-break order.
func Kinds() []Kind {
	ks := make([]Kind, 0, kindEnd-1)
	for k := KindNone + 1; k < kindEnd; k++ {
		ks = append(ks, k)
	}
	return ks
}
