namespace SlimtaFast.Server.Configuration;

/// <summary>What a log line looks like.</summary>
internal enum LogFormat
{
    /// <summary>One line of text for people.</summary>
    Line,

    /// <summary>One JSON object for machines.</summary>
    Json,
}
