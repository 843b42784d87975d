using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>A real server whose configuration file a test rewrites.</summary>
internal sealed class ReloadedServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _spool;
    private int _reloads;

    private ReloadedServer(TemporaryFolder folder)
    {
        File = folder["slimtafast.json"];
        _spool = folder["spool"];
    }

    /// <summary>Its configuration file.</summary>
    public string File { get; }

    /// <summary>The process.</summary>
    public RunningProgram Program { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Starts one with these members in its file; its relay discards where they have none.</summary>
    public static async Task<ReloadedServer> StartAsync(TemporaryFolder folder, string members, string relay = "blackhole:")
    {
        var server = new ReloadedServer(folder);
        await server.WriteAsync(members, relay);
        (server.Program, server.EndPoint) = await SlimtafastProgram.ListenAsync("serve", "--config", server.File);
        return server;
    }

    /// <summary>Replaces its file.</summary>
    public async Task WriteAsync(string members, string relay = "blackhole:")
    {
        bool hasRelay = members.Contains("\"Relay\"", StringComparison.Ordinal);
        string text = $$"""{ "Listen": ["127.0.0.1:0"], "Storage": "disk:{{_spool}}", {{(hasRelay ? "" : $"\"Relay\": \"{relay}\", ")}}{{members}} }""";
        await System.IO.File.WriteAllTextAsync(File + ".new", text);
        System.IO.File.Move(File + ".new", File, overwrite: true);
    }

    /// <summary>Replaces its file, and waits until it goes by that.</summary>
    public async Task ReloadAsync(string members, string relay = "blackhole:")
    {
        await WriteAsync(members, relay);
        Program.Signal(PosixSignal.SIGHUP);
        _reloads++;
        await Program.WaitForLineAsync(_ => Program.Output.Split("Configuration reloaded").Length - 1 >= _reloads, Limit);
    }

    /// <summary>Sends one message and returns the answer that decides over it.</summary>
    public async Task<string> SendAsync(string domain, int size)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(EndPoint);
        await using NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await ReadAsync(reader);
        foreach (string command in new[] { "EHLO client.test", $"MAIL FROM:<a@client.test> SIZE={size}", $"RCPT TO:<b@{domain}>", "DATA" })
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
            string reply = await ReadAsync(reader);
            if (reply[0] is not ('2' or '3'))
                return reply;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"Subject: x\r\n\r\n{string.Concat(Enumerable.Repeat("0123456789abcd\r\n", size / 16))}.\r\n"));
        return await ReadAsync(reader);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Program.DisposeAsync();

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        while (true)
        {
            string line = await reader.ReadLineAsync().WaitAsync(Limit) ?? throw new IOException("The server closed the connection.");
            if (line.Length < 4 || line[3] == ' ')
                return line;
        }
    }
}
