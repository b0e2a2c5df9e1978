Feature: mWrite writes on a condition

  Background:
    Given documents in "library:books":
      """
      dune: { edition: first }
      """
    And I remember the sequence of document "dune" in "library:books"

  Scenario: [W1] [R9] With ifAbsent an existing document stays unchanged
    When I mWrite to "library:books":
      """
      documents:
        - { _id: dune, body: { edition: second }, ifAbsent: true }
        - { _id: emma, body: { edition: first }, ifAbsent: true }
        - { body: { edition: only }, ifAbsent: true }
        - { _id: emma, body: { edition: second }, ifAbsent: false }
      """
    Then the result matches:
      """
      successes:
        - { _id: emma, created: true, _version: 1, position: 1 }
        - { _id: !string , created: true, position: 2 }
        - { _id: emma, created: false, _version: 2, position: 3 }
      errors:
        - { document: { _id: dune }, position: 0, status: 409, code: version_conflict, retryable: false }
      stats: { conflicts: 1 }
      """
    And "library:books" stores:
      """
      dune: { edition: first }
      emma: { edition: second }
      """

  Scenario: [W6] An existing document with the same content may be this request's own
    When I mWrite to "library:books":
      """
      documents:
        - { _id: dune, body: { edition: first }, ifAbsent: true }
      """
    Then the result matches:
      """
      errors:
        - { document: { _id: dune }, position: 0, status: 500, code: unknown_outcome, retryable: false }
      """

  Scenario: A document that has not changed since it was read is replaced
    When I mWrite to "library:books":
      """
      documents: [{ _id: dune, body: { edition: second }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune, _version: 2, created: false }]
      """

  Scenario: [R9] A document that another client has changed since is a conflict
    Given "library:books" is then overwritten with:
      """
      dune: { edition: another's }
      """
    When I mWrite to "library:books":
      """
      documents:
        - { _id: dune, body: { edition: second }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - { _id: nowhere, body: { edition: second }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - { _id: emma, body: { edition: first } }
      """
    Then the result matches:
      """
      successes: [{ _id: emma, position: 2 }]
      errors:
        - { document: { _id: dune }, position: 0, status: 409, code: version_conflict, retryable: false }
        - { document: { _id: nowhere }, position: 1, status: 409, code: version_conflict, retryable: false }
      """
    And "library:books" stores:
      """
      dune: { edition: another's }
      nowhere: null
      """

  Scenario: A batchGet result can be used as a condition for mWrite
    When I batchGet from "library:books":
      """
      ids: [dune]
      """
    And I remember the result's "documents[0]._seq_no" as "seqNo"
    And I remember the result's "documents[0]._primary_term" as "primaryTerm"
    And I mWrite to "library:books":
      """
      documents: [{ _id: dune, body: { edition: second }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune, _version: 2 }]
      """
