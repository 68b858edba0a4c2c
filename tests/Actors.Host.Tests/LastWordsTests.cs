using VioActors.Actors.Host.Agent;

namespace VioActors.Actors.Host.Tests;

public class LastWordsTests
{
    [Fact]
    public void TheLastFiveLinesThatSayAnything() => Assert.Equal(
        "2 | 3 | 4 | 5 | 6", LastWords.Of(["1", "2", "", "3", "4", "   ", "5", "6", "\r"]));

    [Fact]
    public void NothingSteersATerminal() => Assert.Equal(
        "red text | title | evil\ufffd",
        LastWords.Of(["\u001b[1;31mred\u001b[0m text\a", "ti\u0000t\u0008le\u009b", "\u202eev\ufeffil\ud800"]));

    [Fact]
    public void ALongLineKeepsItsEnd()
    {
        var words = LastWords.Of([new string('a', 5000) + "end"]);
        Assert.Equal(LastWords.Characters, words.Length);
        Assert.StartsWith("...a", words);
        Assert.EndsWith("aend", words);
    }
}
