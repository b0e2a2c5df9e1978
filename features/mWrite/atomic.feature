Feature: An atomic mWrite writes all documents or none

  Background:
    Given a collection "library:books" with the mapping:
      """
      properties:
        title: { type: keyword }
        released: { type: date }
      """
    And documents in "library:books":
      """
      dune: { title: Dune }
      """
    And "library:books" stores the text of "odd":
      """
      { "title" : "by hand",   "beyond 2^53": 9007199254740993, "exponent": 1.50e2, "escaped": "\u00e9" }
      """

  Scenario: [W3] Everything is written, and the response has the journal's id
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Dune Messiah } }
        - { _id: emma, body: { title: Emma } }
        - { body: { title: Assigned } }
      """
    Then the result matches:
      """
      atomic: { state: committed, journalId: !string }
      successes:
        - { _id: dune, created: false, position: 0, _version: 2, _source: { title: Dune Messiah } }
        - { _id: emma, created: true, position: 1, _version: 1 }
        - { _id: !string , created: true, position: 2 }
      errors: []
      stats: { requested: 3, written: 3, errors: 0 }
      """
    And "library:books" stores:
      """
      dune: { title: Dune Messiah }
      emma: { title: Emma }
      """
    And no journal is pending

  Scenario: [W3] After a type error in the middle, everything is restored byte for byte
    Given I remember "library:books" byte for byte
    And a client is subscribed to "library:books"
    When I mWrite to "library:books" with { atomic: true, notify: true }:
      """
      documents:
        - { _id: dune, body: { title: Changed } }
        - { _id: odd, body: { title: Changed } }
        - { _id: emma, body: { released: some day } }
        - { _id: late, body: { title: Created } }
      """
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, status: 409, code: other, document: { _id: dune, body: { title: Changed } } }
      - { position: 1, status: 409, code: other }
      - { position: 2, status: 400, code: mapping, retryable: false, document: { _id: emma, body: { released: some day } } }
      - { position: 3, status: 409, code: other }
      """
    And "library:books" is byte for byte as it was
    And the journal of the error is "rolled_back"
    And the subscriber is not notified

  Scenario: [W3] A document stored on several lines is restored on one
    Given "library:books" stores the text of "lines":
      """
      {
        "title": "in lines"
      }
      """
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: lines, body: { title: Changed } }
        - { _id: emma, body: { released: some day } }
      """
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, code: other }
      - { position: 1, code: mapping }
      """
    And "library:books" stores:
      """
      lines: { title: in lines }
      emma: null
      """

  @interference
  Scenario: [W3] [W6] Another client writes after a document was read and before the batch
    Given I remember "library:books" byte for byte
    And another client writes just before the bulk:
      """
      dune: { title: Theirs }
      """
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Ours } }
        - { _id: odd, body: { title: Ours } }
        - { _id: emma, body: { title: Ours } }
      """
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, status: 409, code: version_conflict, document: { _id: dune } }
      - { position: 1, code: other, retryable: true }
      - { position: 2, code: other, retryable: true }
      """
    And "library:books" stores:
      """
      dune: { title: Theirs }
      emma: null
      """
    And the journal of the error is "rolled_back"

  @interference
  Scenario: [W3] Another client writes between the batch and its rollback
    Given another client writes just before the rollback:
      """
      dune: { title: Theirs }
      emma: null
      """
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Ours } }
        - { _id: emma, body: { title: Ours } }
        - { _id: third, body: { title: Ours } }
        - { _id: bad, body: { released: some day } }
      """
    Then it is rejected with 500 "batch.write.rollback_incomplete" and the errors:
      """
      - { position: 0, status: 409, code: version_conflict, retryable: false, document: { _id: dune, body: { title: Ours } } }
      - { position: 1, code: other }
      - { position: 2, code: other }
      - { position: 3, code: mapping }
      """
    And "library:books" stores:
      """
      dune: { title: Theirs }
      emma: null
      third: null
      """
    And the journal of the error is "rollback_incomplete"
    And no journal is pending

  @interference
  Scenario: [W6] The collection is deleted and recreated before the batch
    Given the collection is recreated just before the bulk, with:
      """
      dune: { title: Theirs }
      """
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Ours } }
        - { _id: emma, body: { title: Ours } }
      """
    Then it is rejected with 503 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, status: 404, code: unavailable }
      - { position: 1, status: 404, code: unavailable }
      """
    And "library:books" stores:
      """
      dune: { title: Theirs }
      emma: null
      """

  @interference
  Scenario: [W6] The collection is deleted and recreated before the rollback
    Given the collection is recreated just before the rollback, with:
      """
      dune: { title: Theirs }
      emma: { title: Ours }
      """
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Ours } }
        - { _id: emma, body: { title: Ours } }
        - { _id: bad, body: { released: some day } }
      """
    Then it is rejected with 500 "batch.write.rollback_incomplete" and the errors:
      """
      - { position: 0, code: version_conflict, document: { _id: dune } }
      - { position: 1, code: other, document: { _id: emma } }
      - { position: 2, code: mapping }
      """
    And "library:books" stores:
      """
      dune: { title: Theirs }
      emma: { title: Ours }
      """

  @interference
  Scenario: [W3] [R10] The connection is lost while the engine executes the bulk
    Given I remember "library:books" byte for byte
    And the answer to the bulk is lost
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Ours } }
        - { _id: odd, body: { title: Ours } }
        - { _id: emma, body: { title: Ours } }
      """
    Then it is rejected with 503 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, code: unknown_outcome }
      - { position: 1, code: unknown_outcome }
      - { position: 2, code: unknown_outcome }
      """
    And "library:books" is byte for byte as it was

  @no-journals
  Scenario: [W3] Without a journal nothing is sent
    Given I remember "library:books" byte for byte
    And the engine rejects journals
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents: [{ _id: dune, body: { title: Ours } }, { _id: emma, body: { title: Ours } }]
      """
    Then it is rejected with 503 "batch.engine.unavailable"
    And "library:books" is byte for byte as it was

  Scenario: [W3] A condition that does not hold stops the whole batch
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: emma, body: { title: Emma } }
        - { _id: dune, body: { title: Again }, ifAbsent: true }
        - { _id: odd, body: { title: Again }, ifSeqNo: 4711, ifPrimaryTerm: 1 }
      """
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, code: other, document: { _id: emma } }
      - { position: 1, code: version_conflict, document: { _id: dune } }
      - { position: 2, code: version_conflict, document: { _id: odd } }
      """
    And "library:books" stores:
      """
      dune: { title: Dune }
      emma: null
      """

  Scenario: [W3] Conditions that hold let the batch succeed
    Given I remember the sequence of document "dune" in "library:books"
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: dune, body: { title: Second }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - { _id: emma, body: { title: Emma }, ifAbsent: true }
      """
    Then the result matches:
      """
      atomic: { state: committed }
      successes: [{ _id: dune, created: false }, { _id: emma, created: true }]
      """

  Scenario: [W3] [W2] Atomic is strict: a validation error is a 400
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents:
        - { _id: emma, body: { title: Emma } }
        - { _id: "", body: { title: Empty } }
        - { _id: emma, body: { title: Twice } }
      """
    Then it is rejected with 400 "batch.write.refused" and the errors:
      """
      - { position: 1, code: invalid }
      - { position: 2, code: invalid, reason: !match /may have each id only once/ }
      """
    And "library:books" stores:
      """
      emma: null
      """

  Scenario: [W3] The number of documents is limited
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents: !documents 121
      """
    Then it is rejected with 413 "batch.write.too_large"

  Scenario: [W3] [W4] A batch of several chunks is one batch
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents: !documents 120
      """
    Then the result matches:
      """
      atomic: { state: committed }
      stats: { written: 120 }
      """
    And "library:books" stores 122 documents

  Scenario: [W3] The size is limited
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents: [{ _id: emma, body: { large: !bytes 100001 } }]
      """
    Then it is rejected with 413 "batch.write.too_large"

  Scenario: [W3] The size of the replaced documents is limited as well
    Given documents in "library:books":
      """
      large: { large: !bytes 100001 }
      """
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents: [{ _id: large, body: { title: small } }]
      """
    Then it is rejected with 413 "batch.write.too_large"

  Scenario: [W3] Subscribers are notified after the commit
    Given a client is subscribed to "library:books"
    When I mWrite to "library:books" with { atomic: true, notify: true }:
      """
      documents:
        - { _id: dune, body: { title: Second } }
        - { _id: emma, body: { title: Emma } }
      """
    Then the subscriber is notified of:
      """
      - { event: write, result: { _id: dune, _source: { title: Second } } }
      - { event: write, result: { _id: emma, _source: { title: Emma } } }
      """

  Scenario: [W3] An empty batch needs no journal
    When I mWrite to "library:books" with { atomic: true }:
      """
      documents: []
      """
    Then the result matches:
      """
      successes: []
      errors: []
      """

  Scenario: [W3] [R4] An atomic argument that is neither true nor false is rejected
    When I mWrite to "library:books" with { atomic: maybe }:
      """
      documents: []
      """
    Then it is rejected with 400 naming "atomic"
