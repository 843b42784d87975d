namespace SlimtaFast.Edge.Diagnostics;

/// <summary>What was refused, as logs and metrics tell it.</summary>
internal enum RefusedThing
{
    /// <summary>A connection, before or instead of its greeting.</summary>
    Connection,

    /// <summary>A command other than RCPT.</summary>
    Command,

    /// <summary>One recipient.</summary>
    Recipient,

    /// <summary>A message, after its content.</summary>
    Message,
}
