using Microsoft.Extensions.Logging;

namespace SlimtaFast.Storage.Aws;

/// <summary>What the services say to an operator.</summary>
internal static partial class AwsLog
{
    /// <summary>The queue puts messages aside too soon.</summary>
    [LoggerMessage(1, LogLevel.Warning, "{Queue} puts a message aside that was received {Count} times; a message comes back each time that it waits, so that this should be {Least} at least. Items are found by listing where it is lost")]
    public static partial void FewReceives(ILogger logger, string queue, int count, int least);

    /// <summary>The queue keeps messages that are no longer needed.</summary>
    [LoggerMessage(2, LogLevel.Information, "{Queue} has no queue for dead letters: messages that are none of ours are deleted when they were received ten times")]
    public static partial void NoDeadLetters(ILogger logger, string queue);

    /// <summary>Parts of an upload could not be taken back.</summary>
    [LoggerMessage(3, LogLevel.Warning, "The parts of an unfinished upload to {Name} could not be taken back; a rule of the bucket should delete unfinished uploads after a day")]
    public static partial void PartsLeft(ILogger logger, string name, Exception exception);
}
