using Microsoft.Extensions.Logging;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The log lines of credential stores and token validators, ids 1100 to 1149.</summary>
internal static partial class EdgeAuthLog
{
    [LoggerMessage(1100, LogLevel.Information, "Users file {Path} has changed: {Users} users")]
    public static partial void UsersRead(ILogger logger, string path, int users);

    [LoggerMessage(1101, LogLevel.Error, "Users file {Path} cannot be read; the users stay as they were")]
    public static partial void UsersNotRead(ILogger logger, string path, Exception exception);

    [LoggerMessage(1102, LogLevel.Error, "The key set {Location} cannot be had; the keys stay as they were")]
    public static partial void KeysNotRead(ILogger logger, string location, Exception exception);
}
