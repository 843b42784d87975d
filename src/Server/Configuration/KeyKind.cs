namespace SlimtaFast.Server.Configuration;

/// <summary>The kinds of values that keys have.</summary>
internal enum KeyKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A number of octets, with or without a unit.</summary>
    Size,

    /// <summary>A duration with its unit.</summary>
    Duration,

    /// <summary>A duration with its unit, or <c>off</c>.</summary>
    DurationOrOff,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>A list: an array, or a text with commas.</summary>
    List,

    /// <summary>An array of objects.</summary>
    Objects,
}
