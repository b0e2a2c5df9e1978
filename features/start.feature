Feature: The plugin starts

  @http
  Scenario: Nothing that it uses of Kuzzle's inside is missing
    Then Kuzzle's log has no line with "[batch] Kuzzle"
