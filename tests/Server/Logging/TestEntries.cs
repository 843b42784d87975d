using Microsoft.Extensions.Logging;

namespace SlimtaFast.Server.Tests.Logging;

/// <summary>An entry such as the engine makes them.</summary>
internal static partial class TestEntries
{
    [LoggerMessage(3, LogLevel.Information, "took {Octets} from {Client}")]
    public static partial void Took(ILogger logger, int octets, string client);
}
