using System.Text;

namespace SlimtaFast.EndToEnd.Tests;

/// <summary>The <c>new</c> folder of a Maildir that a real server delivers into.</summary>
internal static class MailFolder
{
    /// <summary>Waits for messages and returns their files' paths.</summary>
    /// <param name="folder">The folder, which may not be there yet.</param>
    /// <param name="count">How many at least.</param>
    /// <param name="limit">How long.</param>
    /// <param name="log">What is said where they do not come.</param>
    public static async Task<IReadOnlyList<string>> WaitAsync(string folder, int count, TimeSpan limit, Func<string> log)
    {
        using var deadline = new CancellationTokenSource(limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
            if (files.Length >= count)
                return files;
            try
            {
                await poll.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{files.Length} of {count} messages arrived.\n{log()}");
            }
        }
    }

    /// <summary>A message as it lies there, with one char per octet.</summary>
    public static string Read(string file) => File.ReadAllText(file, Encoding.Latin1);
}
