using VioActors.Contracts;

namespace VioActors.Actors.VirtualCluster.Tests;

public class RequestIdTests
{
    private static readonly Guid Unique = Guid.ParseExact("0123456789abcdef0123456789abcdef", "N");
    private static readonly NodeId Node = NodeId.From("00000000-0000-0000-0000-000000000001");
    private static readonly RequestId.OfStray Stray = new(Unique, 3, Node);

    private static readonly (string Text, RequestId Id)[] All =
    [
        ("op-1/2.3u4/5", new RequestId.OfStep(OperationId.From("op-1"), "2.3u4", 5)),
        ("op-1/Observing12/1", new RequestId.OfStep(OperationId.From("op-1"), "Observing12", 1)),
        ($"look/3/7/{Unique:N}/{Node}", new RequestId.OfLook(3, 7, Unique, Node)),
        ($"stray/{Unique:N}/3/{Node}", Stray),
        ($"stray/{Unique:N}/3/{Node}/room", Stray with { Room = true }),
        ($"stray/{Unique:N}/3/{Node}/memory/9", Stray with { MemoryRun = 9 }),
        ($"stray/{Unique:N}/3/{Node}/memory/9/room", Stray with { MemoryRun = 9, Room = true }),
        ($"stray/{Unique:N}/3/{Node}/removal", Stray with { Removal = true }),
        ($"stray/{Unique:N}/3/{Node}/sighting", Stray with { Sighting = true }),
        ($"stray/{Unique:N}/3/{Node}/sighting/room", Stray with { Sighting = true, Room = true }),
        ($"stray/{Unique:N}/3/{Node}/removal/room", Stray with { Removal = true, Room = true }),
        (
            $"stray/{Unique:N}/1/{Node}/memory/{long.MaxValue}",
            new RequestId.OfStray(Unique, 1, Node) { MemoryRun = long.MaxValue }),
    ];

    // The texts are stored with commands under way: a new build must write and read what an old one did.
    [Fact]
    public void Texts_stay_what_they_are()
    {
        foreach (var (text, id) in All)
        {
            Assert.Equal(text, id.ToString());
            Assert.Equal(id, RequestId.Parse(text));
        }
    }

    [Fact]
    public void No_two_ids_have_one_text() =>
        Assert.Equal(All.Length, All.Select(one => one.Text).Distinct().Count());

    [Theory]
    [InlineData(""), InlineData("/"), InlineData("op-1"), InlineData("op-1/abort"), InlineData("op-1/d/-1")]
    [InlineData("look"), InlineData("look/1/2"), InlineData("look/x/2/0123456789abcdef0123456789abcdef/n")]
    [InlineData("look/1/2/no-guid/n"), InlineData("look/1/0"), InlineData("stray/1/0"), InlineData("stray/room")]
    [InlineData("stray/0123456789abcdef0123456789abcdef/1/n/memory"), InlineData("stray/no-guid/1/n")]
    [InlineData("stray/0123456789abcdef0123456789abcdef/1/n/memory/x")]
    public void What_is_none_of_ours_is_nobodys(string text) => Assert.Null(RequestId.Parse(text));
}
