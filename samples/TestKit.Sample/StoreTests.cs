using VioActors.Runtime;
using VioActors.Simulation;

namespace VioActors.TestKit.Sample;

/// <summary>A store of your own against the suite that every store must pass; here the one in memory.</summary>
public sealed class StoreTests
{
    private static readonly StoreConformance Suite =
        new(clock => Task.FromResult<IStore>(new MemoryStore(clock)));

    public static TheoryData<string> Names => [.. Suite.Cases.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Conforms(string name) => Suite.Cases.Single(one => one.Name == name).Run();
}
