Feature: The plugin starts

  @http
  Scenario: All parts of Kuzzle's internals that it uses exist
    Then Kuzzle's log has no line with "[batch] Kuzzle"
