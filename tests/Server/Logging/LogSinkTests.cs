using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Logging;

namespace SlimtaFast.Server.Tests.Logging;

public sealed class LogSinkTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void Line_has_time_level_category_and_id()
    {
        string text = Log(LogFormat.Line, logger => logger.Log(LogLevel.Warning, new EventId(7), "hello", null, (s, _) => s));
        Assert.Equal("2026-11-23T10:00:00.123Z warn  Cat[7] hello\n", text);
    }

    [Fact]
    public void Entry_is_one_line_whatever_is_in_it()
    {
        string text = Log(LogFormat.Line, logger => logger.Log(LogLevel.Error, default, "a\nb\u0000c", new IOException("first\r\nsecond"), (s, _) => s));
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.Contains("a b c | System.IO.IOException: first  second", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_entry_has_its_values()
    {
        string text = Log(LogFormat.Json, logger => TestEntries.Took(logger, 42, "\"x\"\n"));
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal("info", json.RootElement.GetProperty("level").GetString());
        Assert.Equal("Cat", json.RootElement.GetProperty("category").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("event").GetInt32());
        Assert.Equal("took 42 from \"x\"\n", json.RootElement.GetProperty("message").GetString());
        Assert.Equal(42, json.RootElement.GetProperty("values").GetProperty("Octets").GetInt32());
        Assert.Equal("\"x\"\n", json.RootElement.GetProperty("values").GetProperty("Client").GetString());
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lines_of_many_threads_come_out_whole()
    {
        using var output = new MemoryStream();
        using (var sink = new LogSink(output, 4 * 1024 * 1024))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
            {
                byte[] line = Encoding.ASCII.GetBytes(new string((char)('a' + t), 99) + "\n");
                for (int i = 0; i < 1000; i++)
                    sink.Write(line, urgent: false);
            })));
        }

        string[] lines = Encoding.ASCII.GetString(output.ToArray()).Split('\n');
        Assert.Equal(8001, lines.Length);
        Assert.All(lines[..^1], line => Assert.Equal(new string(line[0], 99), line));
    }

    [Fact]
    public void Output_that_stands_still_costs_lines_and_tells_so()
    {
        using var output = new GatedStream();
        byte[] line = Encoding.ASCII.GetBytes(new string('x', 99) + "\n");
        using (var sink = new LogSink(output, capacity: 1000))
        {
            sink.Write(line, urgent: true);
            output.Entered.Wait();
            for (int i = 0; i < 15; i++)
                sink.Write(line, urgent: false);
            Assert.Equal(5, sink.Dropped);
            sink.Write(line, urgent: true);
            Assert.Equal(5, sink.Dropped);
            output.Gate.Set();
        }

        string[] lines = Encoding.ASCII.GetString(output.ToArray()).Split('\n');
        Assert.Contains("5 log lines dropped: the output is too slow", lines);
        Assert.Equal(1 + 10 + 1 + 1 + 1, lines.Length);
    }

    [Fact]
    public void Output_that_fails_does_not_stop_anybody()
    {
        using var output = new GatedStream { Failure = new IOException("gone") };
        output.Gate.Set();
        using var sink = new LogSink(output);
        sink.Write("x\n"u8, urgent: true);
        output.Entered.Wait();
        sink.Write("y\n"u8, urgent: true);
    }

    private static string Log(LogFormat format, Action<ILogger> write)
    {
        using var output = new MemoryStream();
        using (var provider = new LineLoggerProvider(new LogSink(output), format, new FakeTimeProvider(Now)))
            write(provider.CreateLogger("Cat"));
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
