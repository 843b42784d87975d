using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SlimtaFast.Server.Commands;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("serve", "--retry")]
    [InlineData("work", "--storage")]
    [InlineData("sink", "--print")]
    [InlineData("bench", "--rate")]
    [InlineData("send", "--from")]
    [InlineData("check", "--config")]
    [InlineData("user", "--users")]
    public async Task Help_names_the_options_and_gives_an_example(string command, string option)
    {
        (int code, string output, _) = await RunAsync(command, "--help");
        Assert.Equal(0, code);
        Assert.Contains(option, output, StringComparison.Ordinal);
        Assert.Contains($"slimtafast {command}", output, StringComparison.Ordinal);
        string[] options = [.. output.Split('\n').Select(static line => line.Trim().Split(' ')[0]).Where(static word => word.StartsWith("--", StringComparison.Ordinal))];
        Assert.Equal(options.Distinct(), options);
    }

    [Fact]
    public async Task Unknown_option_is_refused_with_a_hint()
    {
        (int code, _, string error) = await RunAsync("serve", "--tls-crt", "x.pem");
        Assert.Equal(2, code);
        Assert.Contains("--tls-crt", error, StringComparison.Ordinal);
        Assert.Contains("try 'slimtafast serve --help'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage", "--storage", "memory:", "--relay", "blackhole:")]
    [InlineData("Relay", "--storage", "redis://127.0.0.1", "--relay", "hold:")]
    public async Task Worker_without_a_shared_storage_or_work_is_refused(string key, params string[] options)
    {
        (int code, _, string error) = await RunAsync(["work", .. options]);
        Assert.Equal(2, code);
        Assert.Contains($"slimtafast: {key}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_is_refused()
    {
        (int code, _, string error) = await RunAsync();
        Assert.Equal(2, code);
        Assert.Contains("try 'slimtafast --help'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_tells_all_mistakes()
    {
        (int code, _, string error) = await RunAsync("check", "--relay", "pigeon:", "--storage", "tape:", "--max-age", "old");
        Assert.Equal(2, code);
        Assert.Contains("slimtafast: Relay: ", error, StringComparison.Ordinal);
        Assert.Contains("slimtafast: Storage: ", error, StringComparison.Ordinal);
        Assert.Contains("slimtafast: MaxAge: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_of_a_valid_configuration_says_so()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["c.json"], """{ "HostName": "mx.example.org", "Retry": "30s,5m,...", "Logging": { "LogLevel": { "Default": "Warning" } } }""");
        (int code, string output, _) = await RunAsync("check", "--config", folder["c.json"]);
        Assert.Equal(0, code);
        Assert.Contains("mx.example.org", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_with_a_mistake_does_not_start()
    {
        (int code, _, string error) = await RunAsync("serve", "--storage", "memory:", "--listen", "nowhere");
        Assert.Equal(2, code);
        Assert.StartsWith("slimtafast: Listen: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_on_a_taken_port_says_which()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        (int code, _, string error) = await RunAsync("serve", "--storage", "memory:", "--relay", "hold:", "--listen", taken.LocalEndpoint.ToString()!, "--log-level", "None");
        Assert.Equal(1, code);
        Assert.Contains(taken.LocalEndpoint.ToString()!, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public async Task Bench_modes_exclude_each_other()
    {
        (int code, _, string error) = await RunAsync("bench", "smtp://127.0.0.1:1", "--bdat", "--lockstep");
        Assert.Equal(2, code);
        Assert.Contains("exclude each other", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rate", "fast")]
    [InlineData("--size", "0")]
    [InlineData("--duration", "10")]
    [InlineData("--connections", "0")]
    [InlineData("--messages", "-1")]
    public async Task Bench_refuses_a_senseless_number_by_its_option(string option, string value)
    {
        (int code, _, string error) = await RunAsync("bench", "smtp://127.0.0.1:1", option, value);
        Assert.Equal(2, code);
        Assert.Contains(option, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_without_a_server_reports_errors_and_fails()
    {
        (int code, string output, _) = await RunAsync("bench", $"smtp://127.0.0.1:{RunningProgram.FreePort()}", "--messages", "5", "--connections", "1", "--threads", "1", "--json");
        Assert.Equal(1, code);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(0, json.RootElement.GetProperty("msgs").GetInt64());
        Assert.Equal(5, json.RootElement.GetProperty("failed").GetInt64());
        Assert.Equal(5, json.RootElement.GetProperty("errors").GetProperty("ConnectionRefused").GetInt64());
    }

    [Theory]
    [InlineData("no-at-sign")]
    [InlineData("a@b c")]
    public async Task Send_refuses_what_is_no_address(string address)
    {
        (int code, _, string error) = await RunAsync("send", "--from", address, "--to", "b@example.net", "/dev/null");
        Assert.Equal(2, code);
        Assert.Contains($"'{address}' is not an address", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_refuses_an_empty_message()
    {
        (int code, _, string error) = await RunAsync("send", "--from", "a@example.org", "--to", "b@example.net", "/dev/null");
        Assert.Equal(2, code);
        Assert.Contains("there is no message", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_names_a_missing_file()
    {
        (int code, _, string error) = await RunAsync("send", "--from", "a@example.org", "--to", "b@example.net", "/nonexistent/message");
        Assert.Equal(1, code);
        Assert.Contains("/nonexistent/message", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLine.RunAsync(arguments, output, error, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        return (code, output.ToString(), error.ToString());
    }
}
