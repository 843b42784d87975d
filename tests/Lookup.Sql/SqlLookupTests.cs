using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Lookup.Sql.Tests;

public sealed class SqlLookupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SqlLookupTests()
    {
        using var connection = new SqliteConnection(ConnectionText);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE aliases (address TEXT, target TEXT);
            INSERT INTO aliases VALUES ('bob@x.example', 'sue@x.example'), ('all@x.example', 'a@x.example'), ('all@x.example', 'b@x.example'),
              ('null@x.example', NULL), ('number@x.example', 7);
            """;
        command.ExecuteNonQuery();
    }

    private string ConnectionText => $"Data Source={_folder["mail.db"]};Pooling=False";

    [Theory]
    [InlineData("bob@x.example", "sue@x.example")]
    [InlineData("BOB@X.example", "sue@x.example")]
    [InlineData("all@x.example", "a@x.example, b@x.example")]
    [InlineData("number@x.example", "7")]
    [InlineData("null@x.example", null)]
    [InlineData("nobody@x.example", null)]
    [InlineData("' OR 1=1 --", null)]
    public async Task Value_is_found_by_key(string key, string? value)
    {
        await using SqlLookup lookup = Open("SELECT target FROM aliases WHERE address = @key ORDER BY target");
        Assert.Equal(value, await lookup.FindAsync(key, CancellationToken.None));
    }

    [Theory]
    [InlineData("bob@x.example", "bob at x.example")]
    [InlineData("bob", null)]
    public async Task Parts_of_an_address_are_parameters_too(string key, string? value)
    {
        await using SqlLookup lookup = Open("SELECT @localpart || ' at ' || @domain");
        Assert.Equal(value, await lookup.FindAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task More_rows_than_allowed_are_no_answer()
    {
        var options = new SqlLookupOptions { Query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE @key = 'k'", MaxRows = 3 };
        await using var lookup = new SqlLookup(SqliteFactory.Instance.CreateDataSource(ConnectionText), options, TimeProvider.System);
        await Assert.ThrowsAsync<LookupException>(async () => await lookup.FindAsync("k", CancellationToken.None));
        await using var enough = new SqlLookup(
            SqliteFactory.Instance.CreateDataSource(ConnectionText), options with { Query = "SELECT 1 WHERE @key = 'k' UNION SELECT 2 UNION SELECT 3" }, TimeProvider.System);
        Assert.Equal("1, 2, 3", await enough.FindAsync("k", CancellationToken.None));
    }

    [Fact]
    public async Task Trouble_is_never_taken_for_none()
    {
        await using SqlLookup noTable = Open("SELECT target FROM missing WHERE address = @key");
        await Assert.ThrowsAsync<LookupException>(async () => await noTable.FindAsync("a@b.example", CancellationToken.None));
        await using var noFile = new SqlLookup(SqliteFactory.Instance.CreateDataSource("Data Source=/nonexistent/x.db;Mode=ReadOnly"), new SqlLookupOptions { Query = "SELECT @key" }, TimeProvider.System);
        await Assert.ThrowsAsync<LookupException>(async () => await noFile.FindAsync("a@b.example", CancellationToken.None));
    }

    [Fact]
    public async Task Database_that_hangs_fails_the_look_up_in_time_and_keeps_its_turn()
    {
        var time = new FakeTimeProvider();
        await using var source = new HangingSource();
        var lookup = new SqlLookup(source, new SqlLookupOptions { Query = "SELECT @key", MaxConcurrent = 1, Timeout = TimeSpan.FromSeconds(2) }, time);
        Task<string?> first = lookup.FindAsync("a", CancellationToken.None).AsTask();
        await source.Opened;
        Task<string?> second = lookup.FindAsync("b", CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<LookupException>(() => first);
        await Assert.ThrowsAsync<LookupException>(() => second);
        Assert.Equal(1, source.Count);
        source.Fail();
    }

    [Fact]
    public void Query_without_parameter_is_refused() =>
        Assert.Throws<ArgumentException>(() => Open("SELECT 1"));

    public void Dispose() => _folder.Dispose();

    private SqlLookup Open(string query) => new(SqliteFactory.Instance.CreateDataSource(ConnectionText), new SqlLookupOptions { Query = query }, TimeProvider.System);

    // Hangs in opening, whatever the token says, as a driver may.
    private sealed class HangingSource : DbDataSource
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<DbConnection> _connection = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Opened => _opened.Task;

        public int Count => _count;

        public override string ConnectionString => "";

        public void Fail() => _connection.SetException(new InvalidOperationException("gone"));

        protected override DbConnection CreateDbConnection() => throw new NotSupportedException();

        protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _count);
            _opened.TrySetResult();
            return new ValueTask<DbConnection>(_connection.Task);
        }
    }
}
