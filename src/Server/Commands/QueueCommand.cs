using System.CommandLine;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast queue</c>: looks after mail that waits.</summary>
internal static class QueueCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new(
        "queue",
        """
        Looks after mail that waits.

        Examples:
          slimtafast queue copy --from disk:/var/spool/slimtafast --to redis://10.0.0.5
          slimtafast queue parked list --queue amqp://10.0.0.5
          slimtafast queue parked retry --all --queue amqp://10.0.0.5
        """)
    {
        QueueCopyCommand.Create(),
        ParkedCommand.Create(),
    };
}
