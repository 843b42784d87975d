using System.Text.Json;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Events.Tests;

public class EventFileTests
{
    [Fact]
    public async Task Every_event_is_a_line_in_its_order()
    {
        using var folder = new TemporaryFolder();
        await using (var file = new EventFile(new EventFileOptions { Path = folder["events.jsonl"] }))
        {
            for (int i = 1; i <= 2500; i++)
                file.Note(TestEvents.Make(i));
        }

        Assert.Equal(Enumerable.Range(1, 2500), Attempts(folder["events.jsonl"]));
    }

    [Fact]
    public async Task Large_file_makes_room_for_a_new_one_and_the_oldest_goes()
    {
        using var folder = new TemporaryFolder();
        await using (var file = new EventFile(new EventFileOptions { Path = folder["events"], MaxSize = 5000, Files = 3 }))
        {
            for (int i = 1; i <= 200; i++)
                file.Note(TestEvents.Make(i));
        }

        string[] files = [folder["events.2"], folder["events.1"], folder["events"]];
        Assert.Equal(files.Order(), Directory.GetFiles(folder.Path).Order());
        Assert.All(files, path => Assert.InRange(new FileInfo(path).Length, 1, 5000));
        int[] kept = [.. files.SelectMany(Attempts)];
        Assert.Equal(Enumerable.Range(kept[0], kept.Length), kept);
        Assert.Equal(200, kept[^1]);
        Assert.InRange(kept.Length, 20, 60);
    }

    [Fact]
    public async Task One_file_is_begun_anew()
    {
        using var folder = new TemporaryFolder();
        await using (var file = new EventFile(new EventFileOptions { Path = folder["events"], MaxSize = 5000, Files = 1 }))
        {
            for (int i = 1; i <= 100; i++)
                file.Note(TestEvents.Make(i));
        }

        Assert.Equal([folder["events"]], Directory.GetFiles(folder.Path));
        Assert.Equal(100, Attempts(folder["events"])[^1]);
    }

    [Fact]
    public async Task Restart_goes_on_behind_what_is_there_even_behind_a_torn_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["events"], "{\"event\":\"delivered\"}\n{\"torn");
        await using (var file = new EventFile(new EventFileOptions { Path = folder["events"] }))
            file.Note(TestEvents.Make(7));
        string[] lines = await File.ReadAllLinesAsync(folder["events"]);
        Assert.Equal(["{\"event\":\"delivered\"}", "{\"torn"], lines[..2]);
        Assert.Equal(7, Attempt(Assert.Single(lines[2..])));
    }

    [Fact]
    public void File_that_cannot_be_opened_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsAny<IOException>(() => new EventFile(new EventFileOptions { Path = folder["no/such/folder/events"] }));
    }

    [Fact]
    public async Task Trouble_with_a_file_drops_and_counts_and_writing_goes_on_afterwards()
    {
        using var folder = new TemporaryFolder();
        using var counts = new EventCounts();
        await using (var file = new EventFile(new EventFileOptions { Path = folder["events"], MaxSize = 4096, Files = 2 }, meters: counts))
        {
            // A folder of the name that the full file is to get: it cannot be moved there.
            Directory.CreateDirectory(folder["events.1"]);
            int noted = 0;
            while (counts.Of("slimtafast.events.failures") == 0)
                await NoteAsync(file, ++noted, counts);
            Directory.Delete(folder["events.1"]);
            long dropped = counts.Of("slimtafast.events.dropped");
            Assert.True(dropped > 0);
            await NoteAsync(file, ++noted, counts);
            Assert.Equal(noted, counts.Of("slimtafast.events.dropped") + counts.Of("slimtafast.events.written"));
            Assert.Equal(dropped, counts.Of("slimtafast.events.dropped"));
        }

        Assert.NotEmpty(Attempts(folder["events"]));
    }

    // One at a time, so that each is a batch of its own.
    private static async Task NoteAsync(EventFile file, int attempt, EventCounts counts)
    {
        file.Note(TestEvents.Make(attempt));
        await counts.WaitAsync(() => counts.Of("slimtafast.events.written") + counts.Of("slimtafast.events.dropped") == attempt);
    }

    private static int[] Attempts(string path) => [.. File.ReadAllLines(path).Select(Attempt)];

    private static int Attempt(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("attempt").GetInt32();
    }
}
