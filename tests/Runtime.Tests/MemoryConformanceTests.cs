using VioActors.Simulation;
using VioActors.TestKit;

namespace VioActors.Runtime.Tests;

public sealed class MemoryConformanceTests
{
    private static readonly StoreConformance Suite = new(time => Task.FromResult<IStore>(new MemoryStore(time, 4)));

    public static TheoryData<string> Names => [.. Suite.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Promise(string name) => Suite.Cases.Single(c => c.Name == name).Run();
}
