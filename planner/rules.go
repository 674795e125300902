package planner

import (
	"reflect"

	"bloom/catalog"
	"bloom/differ"
)

// rule says how objects of one kind are written as SQL.
type rule[T catalog.Object] struct {
	// create makes the object as it is desired, on what the database gives a new object by itself.
	create func(s *state, o T) []Statement
	// drop takes the current object away.
	drop func(s *state, o T) []Statement
	// alter makes to o exactly what its statements make to the object. If o then
	// differs from want, the object is replaced, or refused if that would lose data.
	// Nil: every change is a replacement.
	alter func(s *state, o *T, want T) []Statement
	// blocked lists the current objects that have to be dropped before the alter and are
	// made again after it. Nil: none.
	blocked func(s *state, o, want T) []catalog.ID
}

// renderer is a rule whatever its type.
type renderer interface {
	create(s *state, o catalog.Object) []Statement
	drop(s *state, o catalog.Object) []Statement
	alter(s *state, current, want catalog.Object) (catalog.Object, []Statement)
	blockers(s *state, current, want catalog.Object) []catalog.ID
}

type adapter[T catalog.Object] struct{ rule rule[T] }

func (a adapter[T]) create(s *state, o catalog.Object) []Statement { return a.rule.create(s, o.(T)) }
func (a adapter[T]) drop(s *state, o catalog.Object) []Statement   { return a.rule.drop(s, o.(T)) }

func (a adapter[T]) alter(s *state, current, want catalog.Object) (catalog.Object, []Statement) {
	o := current.(T)
	if a.rule.alter == nil {
		return o, nil
	}
	statements := a.rule.alter(s, &o, want.(T))
	return o, statements
}

func (a adapter[T]) blockers(s *state, current, want catalog.Object) []catalog.ID {
	if a.rule.blocked == nil {
		return nil
	}
	return a.rule.blocked(s, current.(T), want.(T))
}

func adapt[T catalog.Object](r rule[T]) renderer { return adapter[T]{r} }

// wanted is the current object with the fields that differ set as desired: texts
// that mean the same count as the same.
func wanted(c differ.Change) catalog.Object {
	v := reflect.New(reflect.TypeOf(c.Current)).Elem()
	v.Set(reflect.ValueOf(c.Current))
	for _, f := range c.Fields {
		v.FieldByName(f).Set(reflect.ValueOf(c.Desired).FieldByName(f))
	}
	return v.Interface().(catalog.Object)
}

// differing lists the fields in which two objects of a type differ.
func differing(x, y catalog.Object) []string {
	var fields []string
	vx, vy := reflect.ValueOf(x), reflect.ValueOf(y)
	for i := range vx.NumField() {
		probe := reflect.New(vx.Type()).Elem()
		probe.Set(vx)
		probe.Field(i).Set(vy.Field(i))
		if !differ.Equal(x, probe.Interface().(catalog.Object)) {
			fields = append(fields, vx.Type().Field(i).Name)
		}
	}
	return fields
}

// rules lists the rule of every kind. It is not a variable, for rules ask the state
// about other objects, whose rules are in here.
func rules() map[catalog.Kind]renderer {
	return map[catalog.Kind]renderer{
		catalog.KindRole:                    adapt(roleRule),
		catalog.KindRoleMember:              adapt(roleMemberRule),
		catalog.KindSchema:                  adapt(schemaRule),
		catalog.KindExtension:               adapt(extensionRule),
		catalog.KindCollation:               adapt(collationRule),
		catalog.KindBaseType:                adapt(baseTypeRule),
		catalog.KindEnum:                    adapt(enumRule),
		catalog.KindComposite:               adapt(compositeRule),
		catalog.KindRange:                   adapt(rangeRule),
		catalog.KindDomain:                  adapt(domainRule),
		catalog.KindDomainConstraint:        adapt(domainConstraintRule),
		catalog.KindSequence:                adapt(sequenceRule),
		catalog.KindForeignDataWrapper:      adapt(foreignDataWrapperRule),
		catalog.KindServer:                  adapt(serverRule),
		catalog.KindUserMapping:             adapt(userMappingRule),
		catalog.KindTable:                   adapt(tableRule),
		catalog.KindColumn:                  adapt(columnRule),
		catalog.KindRoutine:                 adapt(routineRule),
		catalog.KindAggregate:               adapt(aggregateRule),
		catalog.KindOperator:                adapt(operatorRule),
		catalog.KindOperatorFamily:          adapt(operatorFamilyRule),
		catalog.KindOperatorClass:           adapt(operatorClassRule),
		catalog.KindCast:                    adapt(castRule),
		catalog.KindConversion:              adapt(conversionRule),
		catalog.KindTextSearchParser:        adapt(textSearchParserRule),
		catalog.KindTextSearchTemplate:      adapt(textSearchTemplateRule),
		catalog.KindTextSearchDictionary:    adapt(textSearchDictionaryRule),
		catalog.KindTextSearchConfiguration: adapt(textSearchConfigurationRule),
		catalog.KindDefault:                 adapt(defaultRule),
		catalog.KindConstraint:              adapt(constraintRule),
		catalog.KindIndex:                   adapt(indexRule),
		catalog.KindStatistics:              adapt(statisticsRule),
		catalog.KindView:                    adapt(viewRule),
		catalog.KindRule:                    adapt(rewriteRule),
		catalog.KindTrigger:                 adapt(triggerRule),
		catalog.KindPolicy:                  adapt(policyRule),
		catalog.KindRowSecurity:             adapt(rowSecurityRule),
		catalog.KindEventTrigger:            adapt(eventTriggerRule),
		catalog.KindPublication:             adapt(publicationRule),
		catalog.KindPublicationTable:        adapt(publicationTableRule),
		catalog.KindPublicationSchema:       adapt(publicationSchemaRule),
		catalog.KindSubscription:            adapt(subscriptionRule),
		catalog.KindOwner:                   adapt(ownerRule),
		catalog.KindDefaultPrivilege:        adapt(defaultPrivilegeRule),
		catalog.KindGrant:                   adapt(grantRule),
		catalog.KindComment:                 adapt(commentRule),
		catalog.KindSecurityLabel:           adapt(securityLabelRule),
	}
}
