using System.CommandLine;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast queue</c>: looks after mail that waits.</summary>
internal static class QueueCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "queue",
            """
            Looks after mail that waits. Most of it is asked of a running server, by its admin listener (Admin:Listen, Admin:TokenFile).

            Examples:
              slimtafast queue list --older-than 4h
              slimtafast queue show 0197a8c3f1e27d4c8b5a6f0e9d3c2b1a
              slimtafast queue retry --recipient @example.net
              slimtafast queue reroute --to backup.internal --recipient @example.net
              slimtafast queue remove --sender =spammer@example.com
              slimtafast queue copy --from disk:/var/spool/slimtafast --to redis://10.0.0.5
              slimtafast queue parked list --queue amqp://10.0.0.5
            """)
        {
            QueueListCommand.CreateList(),
            QueueListCommand.CreateShow(),
        };
        foreach (Command order in QueueOrderCommand.CreateAll())
            command.Add(order);
        command.Add(QueueListCommand.CreateHops());
        command.Add(QueueListCommand.CreatePause(pauses: true));
        command.Add(QueueListCommand.CreatePause(pauses: false));
        command.Add(QueueListCommand.CreateStats());
        command.Add(QueueCopyCommand.Create());
        command.Add(ParkedCommand.Create());
        return command;
    }
}
