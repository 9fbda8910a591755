// Written with ImageJ 1.53t (Debian), java -cp ij.jar ij.ImageJ -batch write_regions.ijm:
// each region as a set of the ROI Manager, and the pixels that ImageJ fills.
setBatchMode(true);
newImage("a", "8-bit black", 80, 60, 1);
folder = getDirectory("current");
function keep(name) {
    roiManager("reset");
    roiManager("add");
    roiManager("save", folder + name + ".zip");
    setColor(255);
    fill();
    run("Select None");
    saveAs("PNG", folder + name + ".png");
    run("Select All");
    setColor(0);
    fill();
    run("Select None");
}
makeOval(5, 6, 30, 21); keep("oval");
makeRectangle(5, 6, 30, 21); keep("rect");
makePolygon(5, 6, 40, 9, 30, 50, 12, 33); keep("poly");
makeSelection("freehand", newArray(5.2, 40.7, 30.1, 12.9), newArray(6.6, 9.4, 50.2, 33.3)); keep("free");
makeEllipse(10, 10, 50, 40, 0.6); keep("ellipse");
makeRotatedRectangle(10, 10, 50, 40, 12); keep("rotrect");
makeOval(5, 6, 40, 41); setKeyDown("alt"); makeOval(15, 16, 12, 13); setKeyDown("none"); keep("hole");
makeOval(5, 6, 20, 21); setKeyDown("shift"); makeOval(45, 16, 12, 13); setKeyDown("none"); keep("parts");
makeOval(5, 6, 20, 21); run("Enlarge...", "enlarge=3"); keep("enlarged");
makeOval(5, 6, 40, 21); setColor(200); fill(); run("Select None"); doWand(20, 15); keep("wand");
