using VioActors.TestKit;

namespace VioActors.Runtime.Sql.Tests;

public sealed class SqliteConformanceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vio-sqlite-");

    public static TheoryData<string> Names => [.. new StoreConformance(_ =>
        throw new InvalidOperationException()).Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Promise(string name)
    {
        var suite = new StoreConformance(async time =>
            await SqlStore.OpenSqliteAsync(Path.Combine(_folder.FullName, "site.db"), time, shardCount: 4));
        return suite.Cases.Single(c => c.Name == name).Run();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
