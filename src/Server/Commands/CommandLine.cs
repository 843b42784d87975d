using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using SlimtaFast.Storage;

namespace SlimtaFast.Server.Commands;

/// <summary>The whole command line of <c>slimtafast</c>. Exit codes: 0 done, 1 failed, 2 wrongly asked.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WronglyAsked = 2;

    /// <summary>Parses and runs a command line; every error is a line or more on <paramref name="error"/>, never a stack trace.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        // An argument such as @example.com is a domain, and no name of a file with more arguments.
        ParseResult parsed = Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (System.CommandLine.Parsing.ParseError mistake in parsed.Errors)
                Tell(error, mistake.Message);
            Tell(error, $"try '{Path(parsed.CommandResult)} --help'");
            return WronglyAsked;
        }

        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (UsageException wrong)
        {
            Tell(error, wrong.Message);
            return WronglyAsked;
        }
        catch (OperationCanceledException)
        {
            Tell(error, "given up before everything had ended");
            return Failed;
        }
        catch (Exception failure) when (failure is StorageException or SocketException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            Tell(error, failure.Message);
            return Failed;
        }
    }

    private static RootCommand Create() => new(
        """
        A mail transfer agent: receives mail by SMTP, makes it durable, and delivers it.

        Try it:
          slimtafast sink --listen 127.0.0.1:2626 --print &
          slimtafast serve --relay smtp://127.0.0.1:2626 &
          echo "Subject: hello" | slimtafast send --from me@example.org --to you@example.net
        """)
    {
        ServeCommand.Create(),
        WorkCommand.Create(),
        SinkCommand.Create(),
        SendCommand.Create(),
        BenchCommand.Create(),
        CheckCommand.Create(),
        QueueCommand.Create(),
        TopCommand.Create(),
        UserCommand.Create(),
        SpfCommand.Create(),
    };

    private static string Path(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : "slimtafast";

    private static void Tell(TextWriter error, string message)
    {
        foreach (string line in message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            error.WriteLine($"slimtafast: {line}");
    }
}
