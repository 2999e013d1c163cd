"""The operations of Lambda's API: one module per family, one plain function per operation.

A family's module is called as the family is in AWS's guide, and holds nothing else: PublishVersion is
``publish_version`` in ``versions``, UpdateFunctionCode is ``update_function_code`` in ``code``.
``lambda_api.MODULES`` lists the families. What they share has a module for each rule: names and qualifiers,
revisions and times (``values``), paging, packages, states, policy texts, tags, layers, ``strict``.
"""
